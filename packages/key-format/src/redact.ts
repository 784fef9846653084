import { BASE62 } from './base62.ts';
import { MARKER_LENGTH, PREFIX_LENGTH, PUBLIC_LENGTH } from './shape.ts';

/** One base62 character, plain or percent-encoded once or more (`A`, `%41`, `%2541`). */
const SYMBOL = anyOf([...BASE62]);
/** One or two characters that no key has, and no text around a key: a slip of whoever typed it. */
const SLIP = String.raw`[^\s0-9A-Za-z"'\x60<>,;&]{1,2}`;
/** What follows a slip is taken for the rest of a secret from this length on. */
const REST = `${SLIP}(?:${SYMBOL}){16,}`;

const MARKER = `${spelled('hk_')}(?:${spelled('live')}|${spelled('test')})${spelled('_')}`;
/** A marker that lost its beginning is only believed before as much as a whole key has. */
const CUT_MARKER = `(?:${spelled('live')}|${spelled('test')})${spelled('_')}(?=(?:${SYMBOL}){50})`;

const LIKE_A_KEY = new RegExp(`(${MARKER}|${CUT_MARKER})((?:${SYMBOL})*(?:${REST})*)`, 'gi');
/** Basic credentials long enough to hold more of a key than its prefix. */
const BASIC = /\b(Basic(?:\s|%20|\+)+)[A-Za-z0-9+/_-]{28,}={0,2}/gi;
/**
 * Every text with a key, or with the beginning of its secret, has one of these; most have none and are passed on at once.
 * Without a percent sign the marker stands there as it is, and after a bare prefix comes what no key goes on with.
 */
const WORTH_A_LOOK = new RegExp(
  String.raw`%|basic|(?:live|test)_(?![0-9a-z]{0,${PUBLIC_LENGTH}}(?:[\s"'\x60<>,;&]|$))`,
  'i',
);

/**
 * The text with its keys replaced by their prefixes: whole and cut-off keys, mistyped and
 * percent-encoded ones, and Basic credentials that may hold one. Bare prefixes stay. Idempotent.
 */
export function redactKeys(text: string): string {
  if (!mayHoldKey(text)) return text;
  return text.replace(LIKE_A_KEY, prefixOnly).replace(BASIC, '$1[redacted]');
}

/** False if there is nothing to redact in the text, nor in any part of it that ends before a quotation mark. */
export function mayHoldKey(text: string): boolean {
  return WORTH_A_LOOK.test(text);
}

function prefixOnly(match: string, marker: string, body: string): string {
  const plainBody = decoded(body);
  if (plainBody.replace(/[^0-9A-Za-z]/g, '').length <= PUBLIC_LENGTH) return match;
  const publicPart = /^[0-9A-Za-z]*/.exec(plainBody)?.[0] ?? '';
  const whole = `hk_${decoded(marker)}`.slice(-MARKER_LENGTH);
  return (whole + publicPart).slice(0, PREFIX_LENGTH);
}

/** Takes every percent-encoding off, also of the percent sign. All escapes here are of ASCII. */
function decoded(text: string): string {
  return text.replace(/%(?:25)*([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** A pattern for the word, each of its letters plain or percent-encoded. */
function spelled(word: string): string {
  return [...word].map((letter) => `(?:${anyOf([letter])})`).join('');
}

function anyOf(letters: readonly string[]): string {
  const plain = letters.join('');
  const hex = letters.flatMap((letter) => casesOf(letter)).map((letter) => letter.charCodeAt(0).toString(16));
  return `[${plain}]|%(?:25)*(?:${[...new Set(hex)].join('|')})`;
}

/** Both cases, as the pattern is blind to case but codes aren't. */
function casesOf(letter: string): string[] {
  return [letter.toLowerCase(), letter.toUpperCase()];
}
