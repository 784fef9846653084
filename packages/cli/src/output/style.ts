/** Colours for people; where there is no terminal, or NO_COLOR is set, none. */

const CODES = { bold: 1, red: 31, green: 32, yellow: 33 } as const;

export type Emphasis = keyof typeof CODES;

/** Wraps a text; what is wrapped must be printable already. */
export type Style = (text: string, emphasis: Emphasis | undefined) => string;

/** @see https://no-color.org: set to anything but nothing */
export function createStyle(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): Style {
  const isOn = isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return (text, emphasis) =>
    isOn && emphasis !== undefined && text !== '' ? `\u001b[${CODES[emphasis]}m${text}\u001b[0m` : text;
}

/** What results are laid out on. */
export interface Paper {
  style: Style;
  /** Cells of a terminal's line; Infinity where there is no terminal. */
  width: number;
}
