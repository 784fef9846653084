/** Takes a chunked body apart as it comes (RFC 9112, section 7.1). */
import { MalformedAnswer } from './errors.ts';
import { readFields } from './fields.ts';

/** The size in hexadecimal digits, as many as a safe integer has, and extensions, which mean nothing here. */
const SIZE_LINE = /^([0-9a-f]{1,13})(?:[ \t]*;[\t\x20-\x7e\x80-\xff]*)?$/i;
const MAX_SIZE_LINE_BYTES = 4096;
const MAX_TRAILER_BYTES = 64 * 1024;

export class ChunkedDecoder {
  /** Names and values, flat: whole when the body is. */
  trailers: string[] = [];
  #expects: 'size' | 'data' | 'data-end' | 'trailers' = 'size';
  /** Of the chunk, still to come. */
  #left = 0;
  /** Of a line, or of the trailers: what came of it so far. */
  #text = '';

  /**
   * Takes what came from `at` on, and hands over the data in it.
   *
   * @returns where the body ended, behind its last byte; -1 if there is more to come
   * @throws MalformedAnswer
   */
  take(bytes: Buffer, at: number, onData: (piece: Buffer) => void): number {
    let position = at;
    while (position < bytes.length) {
      if (this.#expects === 'data') position = this.#takeData(bytes, position, onData);
      else if (this.#expects === 'trailers') {
        position = this.#takeText(bytes, position, MAX_TRAILER_BYTES);
        if (this.#readTrailers()) return position;
      } else {
        position = this.#takeText(bytes, position, MAX_SIZE_LINE_BYTES);
        this.#readLine();
      }
    }
    return -1;
  }

  #takeData(bytes: Buffer, at: number, onData: (piece: Buffer) => void): number {
    const end = Math.min(at + this.#left, bytes.length);
    this.#left -= end - at;
    if (this.#left === 0) this.#expects = 'data-end';
    onData(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    return end;
  }

  /** Up to the next line break, and with it. */
  #takeText(bytes: Buffer, at: number, limit: number): number {
    const newLine = bytes.indexOf(0x0a, at);
    const end = newLine < 0 ? bytes.length : newLine + 1;
    if (this.#text.length + end - at > limit)
      throw new MalformedAnswer('a line of the chunked body is too long');
    this.#text += bytes.toString('latin1', at, end);
    return end;
  }

  #readLine(): void {
    const line = this.#wholeLine();
    if (line === undefined) return;
    this.#text = '';
    if (this.#expects === 'data-end') {
      if (line !== '') throw new MalformedAnswer('a chunk is longer than its size');
      this.#expects = 'size';
      return;
    }
    const digits = SIZE_LINE.exec(line)?.[1];
    if (digits === undefined) throw new MalformedAnswer('the size of a chunk can not be read');
    this.#left = Number.parseInt(digits, 16);
    this.#expects = this.#left === 0 ? 'trailers' : 'data';
  }

  /** True once they are whole. They end with an empty line, and may be nothing else. */
  #readTrailers(): boolean {
    const line = this.#wholeLine();
    if (line === undefined || (line !== '' && !line.endsWith('\r\n'))) return false;
    this.trailers = readFields(line, 0);
    return true;
  }

  /** What came, without the line break at its end; undefined while there is none. */
  #wholeLine(): string | undefined {
    if (!this.#text.endsWith('\n')) return undefined;
    if (!this.#text.endsWith('\r\n'))
      throw new MalformedAnswer('a line of the chunked body ends without a CR');
    return this.#text.slice(0, -2);
  }
}
