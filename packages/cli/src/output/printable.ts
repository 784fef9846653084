/**
 * What may confuse a terminal or its reader: control characters (an escape sequence in a key's name could
 * rewrite the screen), changes of writing direction, invisible characters, halves of surrogate pairs. Not the
 * two joiners, which Persian and emoji are written with.
 */
const UNPRINTABLE = /\p{Cc}|(?![\u200c\u200d])\p{Cf}|\p{Zl}|\p{Zp}|\p{Cs}/gu;

/** The text with everything that must not reach a terminal spelled out, e.g. `\u001b`. One line. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** CSV text as it came, but for control characters other than those between its fields and lines. */
export function printableCsv(csv: string): string {
  return printableJson(csv);
}

/**
 * JSON text as it came, but for control characters, which JSON allows from U+007F on. They can only stand
 * in its strings, where their escapes mean the same.
 */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, (character) =>
    /[\t\n\r]/.test(character) ? character : escaped(character),
  );
}

function escaped(character: string): string {
  return character.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A key, or the beginning of one: everything after its prefix is the secret. */
const SECRET = /(hk_(?:live|test)_[0-9A-Za-z]{12})[0-9A-Za-z]+/g;

/** Whether the text holds more of a key than its prefix. */
export function holdsKey(text: string): boolean {
  return text.search(SECRET) >= 0;
}

/** The text with its keys cut to their prefixes. */
export function withoutKeys(text: string): string {
  return text.replace(SECRET, '$1…');
}
