import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const vectorsFile = join(root, 'packages/key-format/vectors.json');
const page = readFileSync(join(root, 'docs/reference/key-format.md'), 'utf8');
const python = process.env['HOKUSAI_PYTHON'] || 'python3';
const program = /```python\n([\s\S]*?)```/.exec(page)?.[1] ?? assert.fail('the page has no Python program');

describe('the Python program of docs/reference/key-format.md', () => {
  it('agrees with the published vectors', () => {
    const vectors: Record<string, unknown[]> = JSON.parse(readFileSync(vectorsFile, 'utf8'));
    const { genuine = [], unknown_tag = [], malformed = [] } = vectors;
    const printed = execFileSync(python, ['-c', program, vectorsFile], { encoding: 'utf8' });
    assert.equal(printed.trim(), `${genuine.length + unknown_tag.length + malformed.length} vectors checked`);
  });

  it('fails on a wrong vector', () => {
    const folder = mkdtempSync(join(tmpdir(), 'key-format-'));
    try {
      const wrong = join(folder, 'vectors.json');
      writeFileSync(wrong, readFileSync(vectorsFile, 'utf8').replaceAll('1Yasn6', '1Yasn7'));
      const { status, stderr } = spawnSync(python, ['-c', program, wrong], { encoding: 'utf8' });
      assert.equal(status, 1);
      assert.match(stderr, /AssertionError: hk_live_0/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
