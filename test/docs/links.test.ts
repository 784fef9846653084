/** Links between the pages: each leads to a file that is there, and to a title in it. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { anchorsOf, linksOf } from './support/links.ts';
import { findPages, readPage, root } from './support/page.ts';

describe('links', () => {
  for (const page of findPages())
    it(`of ${page} lead somewhere`, () => {
      const broken = linksOf(readPage(page)).filter((link) => !leadsSomewhere(page, link));
      assert.deepEqual(broken, []);
    });
});

describe('anchors of titles', () => {
  it('are formed as GitHub forms them', () => {
    const text = '# What `npm start` does\n## A, b & c\n## A, b & c\n```sh\n# no title\n```\n';
    assert.deepEqual([...anchorsOf(text)], ['what-npm-start-does', 'a-b--c', 'a-b--c-1']);
  });
});

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', anchor] = decodeURI(link).split('#');
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || !target.endsWith('.md') || anchorsOf(readPage(target)).has(anchor);
}
