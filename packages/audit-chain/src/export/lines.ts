/** The lines of a stream of bytes. */

/** Longer than any record: what has no line break for so long is no export. */
const MAX_LINE_CHARS = 64 * 1024 * 1024;

/** Empty lines are left out. Throws RangeError for a line of more than 64 Mi characters. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() as string;
    if (rest.length > MAX_LINE_CHARS)
      throw new RangeError('a line is too long for an export of the audit log');
    for (const line of lines) if (line !== '') yield line;
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
