import { IncomingMessage } from 'node:http';

/** A piece in a stream takes more memory than that. */
const TINY_BYTES = 1024;

/**
 * Node's request, with a body whose tiny pieces are joined before they wait for a reader: a client that sends a byte in each chunk
 * would take a hundred bytes of memory for each.
 */
export class GatheredRequest extends IncomingMessage {
  #gathered: Uint8Array[] = [];
  #bytes = 0;

  override push(chunk: unknown, encoding?: BufferEncoding): boolean {
    if (!(chunk instanceof Uint8Array) || chunk.length >= TINY_BYTES) {
      this.#release();
      return super.push(chunk, encoding);
    }
    // By then all that one read has brought was handed over; ticks come in between.
    if (this.#gathered.length === 0) setImmediate(() => this.#release());
    this.#gathered.push(chunk);
    this.#bytes += chunk.length;
    return this.readableLength + this.#bytes < this.readableHighWaterMark;
  }

  #release(): void {
    if (this.#gathered.length === 0) return;
    const joined = Buffer.concat(this.#gathered);
    this.#gathered = [];
    this.#bytes = 0;
    super.push(joined);
  }
}
