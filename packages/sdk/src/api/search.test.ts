import assert from 'node:assert/strict';
import { collect } from '../../test/support/collect.ts';
import { UnexpectedAnswerError } from '../errors/errors.ts';
import { createSearch, type Page, pageSize } from './search.ts';

const PAGES: Readonly<Record<string, Page<number>>> = {
  first: { items: [1, 2], nextPageToken: 'second' },
  second: { items: [], nextPageToken: 'third' },
  third: { items: [3], nextPageToken: '' },
};

function pagedSearch() {
  const asked: (string | undefined)[] = [];
  const search = createSearch((token) => {
    asked.push(token);
    return Promise.resolve(PAGES[token ?? 'first'] as Page<number>);
  });
  return { asked, search };
}

describe('a search', () => {
  it('goes from page to page by their tokens, over empty ones too', async () => {
    const { asked, search } = pagedSearch();
    assert.deepEqual(await collect(search), [1, 2, 3]);
    assert.deepEqual(asked, [undefined, 'second', 'third']);
    assert.deepEqual(await collect(search.pages()), [[1, 2], [3]]);
  });

  it('ends with an error where a page names itself as the next one', async () => {
    const search = createSearch(() => Promise.resolve({ items: [1], nextPageToken: 'again' }));
    await assert.rejects(collect(search), UnexpectedAnswerError);
  });

  it('ends with an error where pages go in a circle', async () => {
    const next: Readonly<Record<string, string>> = { first: 'second', second: 'third', third: 'second' };
    const search = createSearch((token) =>
      Promise.resolve({ items: [1], nextPageToken: next[token ?? 'first'] as string }),
    );
    await assert.rejects(collect(search), /go in a circle/);
  });

  it('asks for a page when it is read, and for none after the reader has left', async () => {
    const { asked, search } = pagedSearch();
    assert.deepEqual(asked, []);
    for await (const item of search) {
      if (item === 2) break;
    }
    assert.deepEqual(asked, [undefined]);
  });

  it('asks for no more in a page than the server sends', () => {
    const bounds = { usual: 100, most: 1000 };
    assert.deepEqual(
      [undefined, 5, 5000].map((asked) => pageSize(asked, bounds)),
      [100, 5, 1000],
    );
  });
});
