/** Cuts a parameter out of an undecoded query and leaves the rest byte for byte as it is. */

export interface CutQuery {
  /** The query without what was cut. */
  rest: string;
  /** Decoded values of what was cut, in their order. */
  values: string[];
}

/**
 * Cuts every parameter whose decoded name is `name` (ASCII) and whose decoded value `isWanted`. Never
 * throws: malformed escapes stand for themselves, as upstreams read them too.
 */
export function cutParameter(rawQuery: string, name: string, isWanted: (value: string) => boolean): CutQuery {
  // Most queries have neither the name nor what it could be disguised by.
  if (!rawQuery.includes(name) && !/[%+]/.test(rawQuery)) return { rest: rawQuery, values: [] };
  const values: string[] = [];
  const kept = rawQuery.split('&').filter((parameter) => {
    const equals = parameter.indexOf('=');
    const rawName = equals < 0 ? parameter : parameter.slice(0, equals);
    if (decode(rawName) !== name) return true;
    const value = equals < 0 ? '' : decode(parameter.slice(equals + 1));
    if (!isWanted(value)) return true;
    values.push(value);
    return false;
  });
  return { rest: values.length === 0 ? rawQuery : kept.join('&'), values };
}

/** Form decoding byte by byte: a character beyond ASCII comes out as its UTF-8 bytes, which no key has. */
function decode(text: string): string {
  if (!/[%+]/.test(text)) return text;
  return text
    .replaceAll('+', ' ')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
