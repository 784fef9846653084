/** Takes a chunked body apart as it comes (RFC 9112, section 7.1). */
import { MalformedAnswer } from './errors.ts';
import { readFields } from './fields.ts';

/** The size in hexadecimal digits, as many as a safe integer has, and extensions, which mean nothing here. */
const SIZE_LINE = /^0*([0-9a-f]{1,13})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/i;
const MAX_SIZE_LINE_BYTES = 4096;
const MAX_TRAILER_BYTES = 64 * 1024;

export class ChunkedDecoder {
  /** Names and values, flat: whole when the body is. */
  trailers: string[] = [];
  #expects: 'size' | 'data' | 'data-end' | 'trailers' = 'size';
  /** Of the chunk, still to come. */
  #left = 0;
  /** What came of a line that is not whole. */
  #line = '';
  readonly #trailerLines: string[] = [];
  #trailerBytes = 0;

  /**
   * Takes what came from `at` on, and hands over the data in it, in one piece however many chunks it came in: it is moved
   * together within `bytes`.
   *
   * @returns where the body ended, behind its last byte; -1 if there is more to come
   * @throws MalformedAnswer
   */
  take(bytes: Buffer, at: number, onData: (piece: Buffer) => void): number {
    const data = new JoinedData(bytes);
    const end = this.#takeAll(bytes, at, data);
    const { piece } = data;
    if (piece) onData(piece);
    return end;
  }

  #takeAll(bytes: Buffer, at: number, data: JoinedData): number {
    let position = at;
    while (position < bytes.length) {
      if (this.#expects === 'data') position = this.#takeData(bytes, position, data);
      else {
        const newLine = bytes.indexOf(0x0a, position);
        const end = newLine < 0 ? bytes.length : newLine + 1;
        this.#takeText(bytes.toString('latin1', position, end));
        position = end;
        if (newLine >= 0 && this.#readLine()) return position;
      }
    }
    return -1;
  }

  #takeData(bytes: Buffer, at: number, data: JoinedData): number {
    const end = Math.min(at + this.#left, bytes.length);
    this.#left -= end - at;
    if (this.#left === 0) this.#expects = 'data-end';
    data.add(at, end);
    return end;
  }

  /** `text` ends with a line break, or with all that came. */
  #takeText(text: string): void {
    this.#line += text;
    const isTooLong =
      this.#expects === 'trailers'
        ? this.#trailerBytes + this.#line.length > MAX_TRAILER_BYTES
        : this.#line.length > MAX_SIZE_LINE_BYTES;
    if (isTooLong) throw new MalformedAnswer('a line of the chunked body is too long');
  }

  /** A whole line. True if it was the last one of the body. */
  #readLine(): boolean {
    const line = this.#line;
    this.#line = '';
    if (!line.endsWith('\r\n')) throw new MalformedAnswer('a line of the chunked body ends without a CR');
    const text = line.slice(0, -2);
    if (this.#expects === 'trailers') return this.#readTrailer(text, line.length);
    if (this.#expects === 'data-end') {
      if (text !== '') throw new MalformedAnswer('a chunk is longer than its size');
      this.#expects = 'size';
    } else this.#readSize(text);
    return false;
  }

  #readSize(text: string): void {
    const digits = SIZE_LINE.exec(text)?.[1];
    if (digits === undefined) throw new MalformedAnswer('the size of a chunk can not be read');
    this.#left = Number.parseInt(digits, 16);
    this.#expects = this.#left === 0 ? 'trailers' : 'data';
  }

  /** They end with an empty line, and may be nothing else. */
  #readTrailer(text: string, bytes: number): boolean {
    if (text === '') this.trailers = readFields(this.#trailerLines.join('\r\n'), 0);
    else {
      this.#trailerLines.push(text);
      this.#trailerBytes += bytes;
    }
    return text === '';
  }
}

/** The data of several chunks: a piece for each, be it of a byte, would take a hundred times its memory where it waits. */
class JoinedData {
  readonly #bytes: Buffer;
  #start = 0;
  #end = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get piece(): Buffer | undefined {
    if (this.#end === this.#start) return undefined;
    const isAll = this.#start === 0 && this.#end === this.#bytes.length;
    return isAll ? this.#bytes : this.#bytes.subarray(this.#start, this.#end);
  }

  /** What lies behind all that was added before. */
  add(from: number, to: number): void {
    if (this.#end === this.#start) [this.#start, this.#end] = [from, from];
    if (this.#end !== from) this.#bytes.copyWithin(this.#end, from, to);
    this.#end += to - from;
  }
}
