import assert from 'node:assert/strict';
import { csvOf } from './csv.ts';

const columns = [
  { name: 'name', value: ({ name }: { name: string }) => name },
  { name: 'count', value: () => -1 },
  { name: 'nothing', value: () => null },
];

describe('CSV', () => {
  it('has one header line, and CR LF after each', () => {
    assert.equal(csvOf(columns, []), 'name,count,nothing\r\n');
    assert.equal(csvOf(columns, [{ name: 'a b' }]), 'name,count,nothing\r\na b,-1,\r\n');
  });

  for (const [name, field] of [
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['=HYPERLINK("http://x")', `"'=HYPERLINK(""http://x"")"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@x', `"'@x"`],
    ['\t=1', `"'\t=1"`],
    ['＝1', `"'＝1"`],
    ['a=1', 'a=1'],
  ] as const)
    it(`writes ${JSON.stringify(name)} as ${JSON.stringify(field)}`, () => {
      assert.equal(csvOf(columns, [{ name }]).split('\r\n').slice(1, -1).join('\r\n'), `${field},-1,`);
    });
});
