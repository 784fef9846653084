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

/** With what plots are drawn; none where there is no terminal. */
export type Ink = 'none' | 'ascii' | 'unicode';

/** What texts are laid out on. */
export interface Sheet {
  style: Style;
  /** Cells of a terminal's line; Infinity where there is no terminal. */
  width: number;
}

/** What results are laid out on, plots among them. */
export interface Paper extends Sheet {
  ink: Ink;
}

/** Blocks and dots are for terminals that say they speak UTF-8, by their locale. */
export function inkOf(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): Ink {
  if (!isTerminal) return 'none';
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /utf-?8/i.test(locale) && env['TERM'] !== 'dumb' ? 'unicode' : 'ascii';
}
