/** A head that comes in pieces: gathered until it is whole, or can become none. */
import { MalformedAnswer } from './errors.ts';

const BEGINNING = 'HTTP/1.';
export const HEAD_END = '\r\n\r\n';
export const MAX_HEAD_BYTES = 64 * 1024;

/** What it has looked at once it does not look at again, in however small pieces it comes. */
export class PartialHead {
  readonly #pieces: string[] = [];
  #length = 0;
  /** The last characters, in which its end may have begun. */
  #tail = '';

  /** Without the empty line at its end, once it is whole. */
  get text(): string {
    return this.#pieces.join('').slice(0, -HEAD_END.length);
  }

  /**
   * Takes what came from `at` on.
   *
   * @returns where the head ended, behind its empty line; -1 if there is more to come
   * @throws MalformedAnswer for what is too long, and for what no head can begin with
   */
  take(bytes: Buffer, at: number): number {
    const piece = bytes.toString('latin1', at);
    const known = this.#tail.length;
    const seen = this.#tail + piece;
    const found = seen.indexOf(HEAD_END);
    const taken = found < 0 ? piece.length : found + HEAD_END.length - known;
    this.#add(piece.slice(0, taken));
    checkLineBreaks(seen.slice(0, known + taken), known);
    this.#tail = seen.slice(-(HEAD_END.length - 1));
    return found < 0 ? -1 : at + taken;
  }

  #add(piece: string): void {
    if (this.#length < BEGINNING.length) {
      const beginning = (this.#pieces.join('') + piece).slice(0, BEGINNING.length);
      if (!BEGINNING.startsWith(beginning)) throw new MalformedAnswer('it does not begin as HTTP/1 does');
    }
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length > MAX_HEAD_BYTES + HEAD_END.length) throw new MalformedAnswer('its head is too large');
  }
}

/** A line that ends otherwise would be waited for as long as nothing else comes. */
function checkLineBreaks(text: string, from: number): void {
  for (let at = text.indexOf('\n', from); at >= 0; at = text.indexOf('\n', at + 1))
    if (text[at - 1] !== '\r') throw new MalformedAnswer('a line of its head ends without a CR');
}
