import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT_CODES } from './failure.ts';

const cli = join(import.meta.dirname, '..');

describe('exit codes', () => {
  it('are one for each kind of failure', () => {
    const codes = Object.values(EXIT_CODES);
    assert.equal(new Set(codes).size, codes.length);
  });

  for (const path of ['README.md', '../../docs/reference/cli.md']) {
    it(`all stand in ${path}`, async () => {
      const text = await readFile(join(cli, path), 'utf8');
      const documented = [...text.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
      assert.deepEqual(documented, [0, ...Object.values(EXIT_CODES)]);
    });
  }
});
