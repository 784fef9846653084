/** What may stand in a header section, and in a chunked body's trailers (RFC 9110, section 5; RFC 9112, section 5). */
import { rememberingTexts } from '../../domain/remembering-texts.ts';
import { MalformedAnswer } from './errors.ts';

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Control characters but for the tab: a line break above all. */
const FORBIDDEN = /[^\t\x20-\x7e\x80-\xff]/;

const kindOfName = rememberingTexts((name) => (TOKEN.test(name) ? 'token' : 'other'));

/** Whether a text is the name of a field. */
export function isFieldName(text: string): boolean {
  return kindOfName(text) === 'token';
}

/** Whether a text, in Latin-1, may stand as a field's value, and in a reason phrase. */
export function isFieldValue(text: string): boolean {
  return !FORBIDDEN.test(text);
}

/**
 * Names and values of the field lines in `text` from `at` on, flat, without the white space around values; lines are
 * separated by CRLF. Throws MalformedAnswer for a line that is no field, a folded one (RFC 9112, section 5.2) included.
 */
export function readFields(text: string, at: number): string[] {
  const fields: string[] = [];
  for (let start = at; start < text.length; ) {
    const lineEnd = text.indexOf('\r\n', start);
    const end = lineEnd < 0 ? text.length : lineEnd;
    const colon = text.indexOf(':', start);
    const name = colon < 0 || colon > end ? '' : text.slice(start, colon);
    const value = withoutSpace(text, colon + 1, end);
    if (!isFieldName(name)) throw new MalformedAnswer('a header line is no field');
    if (!isFieldValue(value)) throw new MalformedAnswer(`the value of ${name} holds a control character`);
    fields.push(name, value);
    start = end + 2;
  }
  return fields;
}

/** Of a part of the text, without the spaces and tabs at both ends. */
function withoutSpace(text: string, from: number, to: number): string {
  let [start, end] = [from, to];
  while (start < end && isSpace(text.charCodeAt(start))) start += 1;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
