/** Line plots for terminals: braille dots, two by four in a cell, or stars. */
import type { Paper } from './style.ts';
import { widthOf } from './width.ts';

export interface Plot {
  /** At least one, at equal distances; none is negative. */
  values: readonly number[];
  /** What stands for a value, at the axis. */
  label: (value: number) => string;
  /** Under the first and the last value. */
  ends: readonly [first: string, last: string];
}

const HEIGHT = 6;
const MAX_WIDTH = 100;
/** With fewer cells there is nothing to see. */
const LEAST_WIDTH = 16;

/** The lines of the plot, from 0 to the largest value; empty where there is no terminal, or no room. */
export function linePlot({ values, label, ends }: Plot, { ink, width: room }: Paper): string {
  const top = Math.max(...values);
  const labels = [label(top), label(0)];
  const margin = Math.max(...labels.map(widthOf));
  const [corner, edge] = ink === 'unicode' ? ['┤', '│'] : ['+', '|'];
  const width = Math.min(room, MAX_WIDTH) - margin - 2;
  if (ink === 'none' || width < LEAST_WIDTH) return '';
  const rows = ink === 'unicode' ? brailleRows(values, width) : starRows(values, width);
  const lines = rows.map((row, index) => {
    const text = new Map([
      [0, labels[0]],
      [HEIGHT - 1, labels[1]],
    ]).get(index);
    return `${(text ?? '').padStart(margin)} ${text === undefined ? edge : corner}${row}`.trimEnd();
  });
  const indent = ' '.repeat(margin + 2);
  const [first, last] = ends;
  const gap = width - widthOf(first) - widthOf(last);
  const axis = gap < 2 ? first : first + ' '.repeat(gap) + last;
  return [...lines, widthOf(axis) <= width ? indent + axis : ''].map((line) => `${line}\n`).join('');
}

/** From which dot to which, counted from the bottom, the line goes in a column. */
type Stroke = readonly [low: number, high: number];

/** Where values share a column its peak shows; where columns share a value the line stays level. */
function strokes(values: readonly number[], columns: number, dots: number): Stroke[] {
  const top = Math.max(...values);
  const heights = Array.from({ length: columns }, (_, column) => {
    const from = Math.floor((column * values.length) / columns);
    const to = Math.max(from + 1, Math.floor(((column + 1) * values.length) / columns));
    const peak = Math.max(...values.slice(from, to));
    return top === 0 ? 0 : Math.round((peak / top) * (dots - 1));
  });
  return heights.map((height, column) => {
    const before = heights[column - 1] ?? height;
    return [Math.min(before, height), Math.max(before, height)];
  });
}

function starRows(values: readonly number[], width: number): string[] {
  const columns = strokes(values, width, HEIGHT);
  return Array.from({ length: HEIGHT }, (_, row) => {
    const dot = HEIGHT - 1 - row;
    return columns.map(([low, high]) => (dot >= low && dot <= high ? '*' : ' ')).join('');
  });
}

const BRAILLE = 0x2800;
/** Bits of a cell's dots, from the bottom up, left and right. */
const BITS = [
  [0x40, 0x04, 0x02, 0x01],
  [0x80, 0x20, 0x10, 0x08],
] as const;

function brailleRows(values: readonly number[], width: number): string[] {
  const columns = strokes(values, width * 2, HEIGHT * 4);
  return Array.from({ length: HEIGHT }, (_, row) => {
    const bottom = (HEIGHT - 1 - row) * 4;
    const cell = (_: unknown, index: number) => {
      const bits = BITS.flatMap((side, right) => {
        const [low, high] = columns[index * 2 + right] ?? [0, -1];
        return side.filter((_, dot) => bottom + dot >= low && bottom + dot <= high);
      });
      return String.fromCodePoint(BRAILLE + bits.reduce((sum, bit) => sum + bit, 0));
    };
    return Array.from({ length: width }, cell).join('');
  });
}
