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

describe('every page for users', () => {
  it('can be reached from the README', () => {
    const reached = new Set(['README.md']);
    for (const page of reached)
      for (const link of linksOf(readPage(page))) {
        const target = targetOf(page, link);
        if (target.endsWith('.md') && existsSync(join(root, target))) reached.add(target);
      }
    const pages = findPages().filter((page) => page.startsWith('docs/') || !page.includes('/'));
    assert.deepEqual(
      pages.filter((page) => !reached.has(page)),
      [],
    );
  });
});

describe('a link that leads nowhere', () => {
  const page = 'docs/development.md';

  it('is one to a file or a title that is not there, in any page', () => {
    for (const link of ['#the-documentation', 'reference/api.md#receipts', '../README.md'])
      assert.ok(leadsSomewhere(page, link), link);
    for (const link of [
      '#no-such-title',
      'reference/api.md#no-such-title',
      'reference/none.md',
      '/README.md',
    ])
      assert.ok(!leadsSomewhere(page, link), link);
  });

  it('is found whatever it is written in, but not within code', () => {
    const text =
      '| [a](b.md) | [c](<d.md#e> "f") |\n- `[g](h.md)` [i](https://j.example)\n```sh\n[k](l.md)\n```\n';
    assert.deepEqual(linksOf(text), ['b.md', 'd.md#e']);
  });
});

describe('anchors of titles', () => {
  it('are formed as GitHub forms them', () => {
    const text = '# What `npm start` does\n## A, b & c\n## A, b & c\n```sh\n# no title\n```\n';
    assert.deepEqual([...anchorsOf(text)], ['what-npm-start-does', 'a-b--c', 'a-b--c-1']);
  });
});

function leadsSomewhere(page: string, link: string): boolean {
  const anchor = decodeURI(link).split('#')[1];
  const target = targetOf(page, link);
  if (!existsSync(join(root, target))) return false;
  return anchor === undefined || !target.endsWith('.md') || anchorsOf(readPage(target)).has(anchor);
}

/** The file that a link of a page leads to, relative to the checkout. */
function targetOf(page: string, link: string): string {
  const [path = ''] = decodeURI(link).split('#');
  return path === '' ? page : normalize(join(dirname(page), path));
}
