/** No block of a page is passed over: each is run, compared, or names the test that holds it. */
import assert from 'node:assert/strict';
import { problemsOf } from './support/forms.ts';
import { findPages, readPage } from './support/page.ts';

describe('blocks', () => {
  for (const page of findPages())
    it(`of ${page} are run, or held by a test`, () => assert.deepEqual(problemsOf(readPage(page)), []));
});

describe('a block that nobody would run', () => {
  const said = (text: string) => problemsOf(text).join('\n');
  const json = (mark: string) => `${mark}\n\`\`\`json\n{}\n\`\`\`\n`;

  it('is one that is indented', () => {
    assert.match(said('Then:\n\n    npm start\n'), /^line 3: .* not indented$/);
    assert.match(said('Then:\n\n\tnpm start\n'), /^line 3: /);
    assert.match(said('- one\n\n      npm start\n'), /^line 3: /);
    assert.equal(said('- one\n    goes on\n'), '');
  });

  it('is one with another fence', () => {
    assert.match(said('~~~sh\na\n~~~\n'), /fences/);
    assert.match(said('- one\n\n  ```sh\n  a\n  ```\n'), /fences/);
    assert.match(said('<pre>a</pre>\n'), /<pre>/);
    assert.equal(said('```sh\n\n    a\n```\n'), '');
  });

  it('is one of a language that nobody knows, or of none', () => {
    assert.match(said('```\na\n```\n'), /""/);
    assert.match(said('```nginx\na\n```\n'), /"nginx"/);
  });

  it('is an example that is compared with nothing', () => {
    assert.match(said(json('')), /schema or tested by/);
    assert.match(said(json('<!-- shema: x -->')), /unknown comment "shema"/);
    assert.match(said('Save this as `a.json`:\n\n```json\n{}\n```\n'), /uses the file a\.json/);
  });

  it('is one whose test is not there', () => {
    const by = (file: string) =>
      json(`<!-- tested by: test/docs/${file}.test.ts "is one whose test is not there" -->`);
    assert.equal(said(by('forms')), '');
    assert.match(said(by('links')), /no test/);
    assert.match(said(by('none')), /no test/);
  });
});
