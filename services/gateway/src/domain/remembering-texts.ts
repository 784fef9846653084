import { holdsKey } from './upstream-headers.ts';

/** Of most clients all requests go to a few paths: what differs is in the query. */
const CAPACITY = 2000;
const LONGEST = 256;

/** The same function, where nothing but the text matters; the same text has the same object as answer. */
export function rememberingTexts<Result extends object | string>(
  compute: (text: string) => Result,
): (text: string) => Result {
  let known = new Map<string, Result>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const result = compute(text);
    // A key that someone put there is not to be kept.
    if (text.length > LONGEST || holdsKey(text)) return result;
    // All at once: which ones are still asked for shows at once, too, and nobody has to count uses.
    if (known.size >= CAPACITY) known = new Map();
    known.set(text, result);
    return result;
  };
}
