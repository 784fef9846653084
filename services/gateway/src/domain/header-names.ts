/** Kinds of header fields, all in lower case. */

/** Meant for one connection only (RFC 9110, section 7.6.1), or naming what is written for each connection. */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** Field names that a message's `Connection` header declares to be hop-by-hop, in lower case. */
export function connectionListed(rawHeaders: readonly string[]): ReadonlySet<string> {
  let listed: Set<string> | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (!isNamed(rawHeaders[index], 'connection')) continue;
    const value = rawHeaders[index + 1]?.toLowerCase();
    // Nearly always.
    if (value === 'keep-alive') continue;
    for (const token of value?.split(',') ?? []) {
      const name = token.trim();
      if (name === 'keep-alive' || name === 'close' || FRAMING.has(name)) continue;
      listed ??= new Set();
      listed.add(name);
    }
  }
  return listed ?? NONE;
}

/** What delimits and addresses a message: not to be removed by listing it in `Connection`. */
const FRAMING: ReadonlySet<string> = new Set(['content-length', 'host']);
const NONE: ReadonlySet<string> = new Set();

/** Whether a name, as it was sent, is this one, in lower case: told by its length for nearly all. */
export function isNamed(name: string | undefined, lower: string): boolean {
  return name?.length === lower.length && name.toLowerCase() === lower;
}
