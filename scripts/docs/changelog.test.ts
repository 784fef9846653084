import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import checkout from '../../package.json' with { type: 'json' };

const root = join(import.meta.dirname, '../..');

describe('what is told of releases', () => {
  it('begins with this version, which has notes', () => {
    const [, newest] = /^## \[?(\d+\.\d+\.\d+)/m.exec(readFileSync(join(root, 'CHANGELOG.md'), 'utf8')) ?? [];
    assert.equal(newest, checkout.version);
    assert.ok(existsSync(join(root, `docs/release-notes/${newest}.md`)));
  });
});
