/** Looks for API keys where none may be, in whatever spelling they may have got there. */

/** Something that a key may have leaked into. */
export interface Place {
  name: string;
  text: string;
}

export interface Found {
  place: string;
  spelling: string;
  /** What stands around it. */
  context: string;
}

/** Of a key, its first 20 characters are public. */
const PUBLIC_LENGTH = 20;
/** Cut off at both ends by so much, a secret is still one. */
const MARGIN = 8;
const CONTEXT = 60;
/** How often a text may have been percent-encoded over. */
const ENCODINGS = 3;

/** Every leak of one of the keys. */
export function findSecrets(keys: Iterable<string>, places: readonly Place[]): Found[] {
  const needles = [...keys].flatMap(spellingsOf);
  return places.flatMap(({ name, text }) => {
    const haystacks = readingsOf(text);
    return needles.flatMap(({ spelling, needle }) => {
      const haystack = haystacks.find((reading) => reading.includes(needle));
      return haystack === undefined ? [] : [{ place: name, spelling, context: around(haystack, needle) }];
    });
  });
}

/** All in lower case, since names of headers and hosts lose their case. */
function spellingsOf(key: string): { spelling: string; needle: string }[] {
  const secret = key.slice(PUBLIC_LENGTH + MARGIN, -MARGIN);
  const spellings: [spelling: string, needle: string][] = [
    ['as it is', secret],
    ['hex', Buffer.from(secret).toString('hex')],
  ];
  // What base64 makes of a text depends on how many bytes stand before it, modulo three.
  for (const before of ['', 'x', 'xx']) {
    const encoded = Buffer.from(`${before}${key.slice(PUBLIC_LENGTH)}`).toString('base64');
    const inner = encoded.slice(MARGIN, -MARGIN);
    spellings.push([`base64 after ${before.length}`, inner]);
    spellings.push([`base64url after ${before.length}`, inner.replaceAll('+', '-').replaceAll('/', '_')]);
  }
  return spellings.map(([spelling, needle]) => ({ spelling, needle: needle.toLowerCase() }));
}

/** The text, and what it becomes when it is percent-decoded once and again. */
function readingsOf(text: string): string[] {
  const readings = [text];
  for (let count = 0; count < ENCODINGS; count += 1) {
    const last = readings.at(-1) ?? '';
    const next = last.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    if (next === last) break;
    readings.push(next);
  }
  return readings.map((reading) => reading.toLowerCase());
}

function around(text: string, needle: string): string {
  const at = text.indexOf(needle);
  return text.slice(Math.max(0, at - CONTEXT), at + needle.length + CONTEXT);
}
