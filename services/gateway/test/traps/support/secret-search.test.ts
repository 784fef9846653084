/** The search that ends the run over all traps: a search that finds nothing proves nothing by itself. */
import assert from 'node:assert/strict';
import { someKey } from '../../support/keys.ts';
import { findSecrets } from './secret-search.ts';

const KEY = someKey();
const escaped = (text: string) =>
  [...text].map((each) => `%${each.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('the search for keys', () => {
  const planted: [name: string, text: string][] = [
    ['as it is', `{"authorization":"Bearer ${KEY}"}`],
    ['as a part', `…${KEY.slice(24, 56)}…`],
    ['in other case', `GET http://${KEY.toLowerCase()}.example/`],
    ['with its underscores escaped', `/x?note=${KEY.replaceAll('_', '%5F')}`],
    ['wholly escaped', `/x?note=${escaped(KEY)}`],
    ['escaped twice', `/x?note=${escaped(escaped(KEY))}`],
    ['as Basic with no user', `Basic ${base64(`:${KEY}`)}`],
    ['as Basic with a short user', `Basic ${base64(`me:${KEY}`)}`],
    ['as Basic with a longer user', `Basic ${base64(`ada:${KEY}`)}`],
    ['as base64url', `x=${Buffer.from(`?>?>${KEY}`).toString('base64url')}`],
    ['in hex', Buffer.from(KEY).toString('hex')],
  ];
  for (const [name, text] of planted) {
    it(`finds one ${name}`, () => {
      const found = findSecrets([someKey(), KEY], [{ name: 'log', text: `before ${text} after` }]);
      assert.deepEqual(new Set(found.map(({ place }) => place)), new Set(['log']));
    });
  }

  it('does not mind prefixes, nor other keys', () => {
    const text = `${KEY.slice(0, 20)} ${someKey()}`;
    assert.deepEqual(findSecrets([KEY], [{ name: 'log', text }]), []);
  });
});
