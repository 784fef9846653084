/**
 * Canonical JSON (RFC 8785): numbers and texts as JSON.stringify has them, members in the order of their names' UTF-16
 * code units, which is the one that JavaScript compares texts by.
 */

/** All but what JSON.stringify writes as it stands: quotation marks, backslashes, controls, surrogates. Most texts hold none. */
const TO_BE_ESCAPED = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/** Of a JSON value; members that are undefined are left out. Throws for numbers and texts that it has no form of. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (value === null || typeof value !== 'object') return primitive(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  const members = value as Record<string, unknown>;
  let text = '';
  for (const name of inOrder(Object.keys(members))) {
    const member = members[name];
    if (member === undefined) continue;
    text += `${text === '' ? '' : ','}${quoted(name)}:${canonicalJson(member)}`;
  }
  return `{${text}}`;
}

function quoted(text: string): string {
  if (!TO_BE_ESCAPED.test(text)) return `"${text}"`;
  if (text.isWellFormed()) return JSON.stringify(text);
  throw new TypeError('a text with half of a surrogate pair has no canonical JSON');
}

function primitive(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new TypeError(`${value} has no canonical JSON`);
  return JSON.stringify(value);
}

/** Up to so many are sorted faster by hand. */
const FEW_NAMES = 16;

/** Sorts in place: names are few, and often in their order. */
function inOrder(names: string[]): string[] {
  if (names.length > FEW_NAMES) return names.sort();
  for (let end = 1; end < names.length; end++) {
    const name = names[end] as string;
    let place = end;
    for (; place > 0 && (names[place - 1] as string) > name; place--)
      names[place] = names[place - 1] as string;
    names[place] = name;
  }
  return names;
}
