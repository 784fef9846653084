import assert from 'node:assert/strict';
import fc from 'fast-check';
import { linePlot } from './plot.ts';
import { createStyle, inkOf } from './style.ts';
import { widthOf } from './width.ts';

const style = createStyle(false, {});
const plot = (values: readonly number[], ink: 'none' | 'ascii' | 'unicode', width = 24) =>
  linePlot({ values, label: String, ends: ['begin', 'end'] }, { style, width, ink });

describe('a line plot', () => {
  it('goes from nothing to the largest value', () => {
    assert.equal(
      plot([0, 10, 5, 5], 'ascii'),
      [
        '10 +     ******',
        '   |     *    *',
        '   |     *    **********',
        '   |     *',
        '   |     *',
        ' 0 +******',
        '    begin            end',
        '',
      ].join('\n'),
    );
  });

  it('has eight dots in each cell, where the terminal can show them', () => {
    const lines = plot([0, 8], 'unicode', 20).split('\n');
    assert.equal(lines[0], '8 ┤⠀⠀⠀⠀⠀⠀⠀⠀⢸⠉⠉⠉⠉⠉⠉⠉⠉');
    assert.equal(lines[5]?.slice(0, 6), '0 ┤⣀⣀⣀');
  });

  it('shows a peak however many values share its column', () => {
    const values = Array.from({ length: 1440 }, (_, index) => (index === 700 ? 9 : 0));
    assert.match(plot(values, 'ascii', 40).split('\n')[0] ?? '', /^9 \+ *\*{1,2}$/);
  });

  it('is level where there is nothing', () => {
    assert.match(plot([0, 0, 0], 'ascii').split('\n')[5] ?? '', /^0 \+\*+$/);
  });

  it('is left out without a terminal, and without room', () => {
    assert.equal(plot([1, 2], 'none', Number.POSITIVE_INFINITY), '');
    assert.equal(plot([1, 2], 'unicode', 12), '');
  });

  it('fits the terminal', () => {
    const values = fc.array(fc.nat(1e9), { minLength: 1, maxLength: 300 });
    const ink = fc.constantFrom('ascii', 'unicode');
    fc.assert(
      fc.property(values, fc.integer({ min: 10, max: 150 }), ink, (some, width, with_) => {
        for (const line of plot(some, with_, width).split('\n')) assert.ok(widthOf(line) <= width, line);
      }),
    );
  });
});

describe('the ink of plots', () => {
  it('is what the locale can show, and none without a terminal', () => {
    assert.equal(inkOf(true, { LANG: 'de_DE.UTF-8' }), 'unicode');
    assert.equal(inkOf(true, { LANG: 'de_DE.UTF-8', LC_ALL: 'C' }), 'ascii');
    assert.equal(inkOf(true, { LC_CTYPE: 'C.utf8' }), 'unicode');
    assert.equal(inkOf(true, { LANG: 'en_US.UTF-8', TERM: 'dumb' }), 'ascii');
    assert.equal(inkOf(true, {}), 'ascii');
    assert.equal(inkOf(false, { LANG: 'en_US.UTF-8' }), 'none');
  });
});
