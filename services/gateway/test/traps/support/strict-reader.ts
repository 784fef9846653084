/**
 * Reads what a gateway sends an upstream as strictly as RFC 9112 allows, and independently of Node's parser:
 * what two servers could read in two ways is a violation here.
 */

export interface StrictHead {
  method: string;
  target: string;
  /** Names and values in turn, as they came. */
  headers: string[];
  /** The whole head, as it came. */
  raw: string;
}

type State = 'head' | 'body' | 'chunk-size' | 'chunk-end' | 'trailers' | 'lost';

const REQUEST_LINE = /^([A-Z]+) (\/[^\0-\x20\x7f#]*) HTTP\/1\.1$/;
const FIELD_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([^\0\r\n]*)$/;
const CHUNK_SIZE = /^[0-9a-f]{1,8}$/i;
const MAX_HEAD_BYTES = 128 * 1024;

/** One per connection. Bodies are counted, not kept. */
export class StrictReader {
  readonly #onHead: (head: StrictHead) => void;
  readonly #onViolation: (what: string) => void;
  #state: State = 'head';
  #pending = Buffer.alloc(0);
  #bodyLeft = 0;
  #isChunked = false;

  constructor(onHead: (head: StrictHead) => void, onViolation: (what: string) => void) {
    this.#onHead = onHead;
    this.#onViolation = onViolation;
  }

  /** True between two requests. */
  get isBetween(): boolean {
    return this.#state === 'head' && this.#pending.length === 0;
  }

  feed(bytes: Buffer): void {
    let rest = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes]);
    for (;;) {
      const taken = this.#step(rest);
      if (taken === 0) break;
      rest = rest.subarray(taken);
    }
    this.#pending = Buffer.from(rest);
  }

  /** How many bytes were understood; 0: more are needed. */
  #step(bytes: Buffer): number {
    if (this.#state === 'lost') return bytes.length;
    if (this.#state === 'body') return this.#takeBody(bytes);
    const isHead = this.#state === 'head';
    const end = bytes.indexOf(isHead ? '\r\n\r\n' : '\r\n');
    if (end < 0) return bytes.length > MAX_HEAD_BYTES ? this.#lose('a head without an end') : 0;
    const text = bytes.toString('latin1', 0, end);
    this.#takeText(text);
    return end + (isHead ? 4 : 2);
  }

  #takeText(text: string): void {
    if (this.#state === 'head') this.#takeHead(text);
    else if (this.#state === 'chunk-size') this.#takeChunkSize(text);
    else if (text !== '') this.#lose(`${this.#state}: ${JSON.stringify(text)}`);
    else this.#state = this.#state === 'trailers' ? 'head' : 'chunk-size';
  }

  #takeHead(raw: string): void {
    const [requestLine = '', ...lines] = raw.split('\r\n');
    const [, method, target] = REQUEST_LINE.exec(requestLine) ?? [];
    const fields = lines.map((line) => FIELD_LINE.exec(line));
    if (method === undefined || target === undefined) return void this.#lose(`request line in ${raw}`);
    if (fields.includes(null)) return void this.#lose(`field line in ${raw}`);
    const headers = fields.flatMap((field) => [field?.[1] ?? '', field?.[2] ?? '']);
    this.#frame(headers, raw);
    this.#onHead({ method, target, headers, raw });
  }

  #frame(headers: string[], raw: string): void {
    const lengths = valuesOf(headers, 'content-length');
    const codings = valuesOf(headers, 'transfer-encoding');
    if (lengths.length + codings.length > 1) return void this.#lose(`two framings in ${raw}`);
    const [length] = lengths;
    const [coding] = codings;
    if (length !== undefined && !/^\d{1,15}$/.test(length)) return void this.#lose(`length in ${raw}`);
    if (coding !== undefined && coding !== 'chunked') return void this.#lose(`coding in ${raw}`);
    this.#isChunked = coding !== undefined;
    this.#bodyLeft = Number(length ?? 0);
    if (this.#isChunked) this.#state = 'chunk-size';
    else if (this.#bodyLeft > 0) this.#state = 'body';
  }

  #takeChunkSize(text: string): void {
    if (!CHUNK_SIZE.test(text)) return void this.#lose(`chunk size ${JSON.stringify(text)}`);
    this.#bodyLeft = Number.parseInt(text, 16);
    this.#state = this.#bodyLeft === 0 ? 'trailers' : 'body';
  }

  #takeBody(bytes: Buffer): number {
    const taken = Math.min(bytes.length, this.#bodyLeft);
    this.#bodyLeft -= taken;
    if (this.#bodyLeft === 0) this.#state = this.#isChunked ? 'chunk-end' : 'head';
    return taken;
  }

  #lose(what: string): number {
    this.#state = 'lost';
    this.#onViolation(what);
    return 0;
  }
}

/** All values of a field, of any case of its name (given in lower case). */
export function valuesOf(headers: readonly string[], name: string): string[] {
  return headers.filter((_, index) => index % 2 === 1 && headers[index - 1]?.toLowerCase() === name);
}
