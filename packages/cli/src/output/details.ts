/** One thing for people: a name and its value on each line. */
import { printable } from './printable.ts';
import type { Sheet } from './style.ts';
import { widthOf, wrap } from './width.ts';

/** Name and value; several values stand under each other, and what is null is left out. */
export type Detail = readonly [name: string, value: string | readonly string[] | null];

const GAP = 2;
/** Where less room is left for values, they go on the lines below their names. */
const LEAST_VALUE_WIDTH = 24;

export function detailLines(details: readonly Detail[], { style, width }: Sheet): string {
  const shown = details.flatMap(([name, value]) => {
    const values = value === null ? [] : [value].flat();
    return values.length === 0 ? [] : [{ name, values: values.map(printable) }];
  });
  const longest = Math.max(...shown.map(({ name }) => widthOf(name)));
  const isNarrow = width - longest - GAP < LEAST_VALUE_WIDTH;
  const indent = isNarrow ? GAP : longest + GAP;
  const lines = shown.flatMap(({ name, values }) => {
    const wrapped = values.flatMap((value) => wrap(value, width - indent));
    if (isNarrow) return [style(name, 'bold'), ...wrapped.map((text) => ' '.repeat(indent) + text)];
    return wrapped.map((text, index) => {
      const label = index === 0 ? name : '';
      return style(label, 'bold') + ' '.repeat(indent - widthOf(label)) + text;
    });
  });
  return `${lines.join('\n')}\n`;
}
