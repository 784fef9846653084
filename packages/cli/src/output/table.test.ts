import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createStyle } from './style.ts';
import { type Column, renderTable } from './table.ts';
import { widthOf } from './width.ts';

interface Row {
  id: string;
  name: string;
  note: string;
}

const columns: readonly Column<Row>[] = [
  { title: 'id', cell: (row) => row.id },
  { title: 'name', cell: (row) => row.name, minWidth: 6, emphasis: () => 'green' },
  { title: 'note', cell: (row) => row.note, minWidth: 4, dispensable: 1 },
];
const plain = createStyle(false, {});
const rows: readonly Row[] = [
  { id: 'id-1', name: 'a rather long name', note: 'noted' },
  { id: 'id-22', name: 'b', note: '' },
];

describe('a table', () => {
  it('takes the room it needs', () => {
    assert.equal(
      renderTable(rows, columns, { style: plain, width: Number.POSITIVE_INFINITY }),
      'ID     NAME                NOTE\nid-1   a rather long name  noted\nid-22  b\n',
    );
  });

  it('cuts what may be cut', () => {
    assert.equal(
      renderTable(rows, columns, { style: plain, width: 24 }),
      'ID     NAME        NOTE\nid-1   a rather …  noted\nid-22  b\n',
    );
  });

  it('leaves out what can be spared', () => {
    assert.equal(
      renderTable(rows, columns, { style: plain, width: 16 }),
      'ID     NAME\nid-1   a rather…\nid-22  b\n',
    );
  });

  it('becomes records where even that is too wide', () => {
    assert.match(
      renderTable(rows, columns, { style: plain, width: 12 }),
      /^Id\n {2}id-1\nName\n {2}a rather\n/,
    );
  });

  it('counts cells, not characters, and not colours', () => {
    const wide = [{ id: '模型', name: '模型模型模型', note: '' }];
    const style = createStyle(true, {});
    const lines = renderTable(wide, columns, { style, width: 13 }).split('\n');
    assert.equal(lines[1], '模型  \u001b[32m模型模…\u001b[0m');
  });

  it('is never wider than the terminal, whatever is in it, while ids fit', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 });
    const row = fc.record({ id: fc.constantFrom('id-1', 'id-2'), name: text, note: text });
    fc.assert(
      fc.property(fc.array(row), fc.integer({ min: 12, max: 90 }), (some, width) => {
        for (const line of renderTable(some, columns, { style: plain, width }).split('\n')) {
          assert.ok(widthOf(line) <= width, `${width}: ${line}`);
        }
      }),
    );
  });
});

describe('a style', () => {
  it('is plain without a terminal, with NO_COLOR, and on a dumb one', () => {
    assert.equal(createStyle(true, { NO_COLOR: '' })('a', 'red'), '\u001b[31ma\u001b[0m');
    for (const style of [
      createStyle(false, {}),
      createStyle(true, { NO_COLOR: '1' }),
      createStyle(true, { TERM: 'dumb' }),
    ]) {
      assert.equal(style('a', 'red'), 'a');
    }
  });
});
