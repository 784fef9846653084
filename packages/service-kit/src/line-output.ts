/** Standard output for logs of many lines, which nobody who serves a request may have to wait for. */
import { write, writeSync } from 'node:fs';
import type { DestinationStream } from 'pino';

export interface LineOutput {
  /** Takes a line with its newline; it is written in the background, `FLUSH_MS` later at most. */
  write(line: string): void;
  /** The same output for lines that should be seen at once: they are written, with all before them, as soon as it is free. */
  readonly prompt: DestinationStream;
  /** Lines that were dropped so far, because whoever reads the output doesn't keep up. */
  readonly dropped: number;
}

const FLUSH_MS = 100;
/** One write for a hundred lines. */
const BLOCK_BYTES = 64 * 1024;
/** What several processes write to one pipe stays whole up to here: PIPE_BUF of Linux, see pipe(7). */
const ATOMIC_BYTES = 4096;
/** What waits for a reader that stands still. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;
/** Of a pipe that takes no more for now. */
const RETRY_MS = 10;
const LAST_TRIES = 100;
/** No write takes that long unless nobody reads. */
const STUCK_MS = 1000;

/**
 * What is gathered is also written when the process exits, however it comes to that, but for a signal that
 * can't be caught.
 *
 * @param descriptor of an open file; standard output if absent
 * @param isShared other processes write there too: their lines must not get into each other
 */
export function openLineOutput(descriptor = 1, isShared = false): LineOutput {
  return new BackgroundOutput(descriptor, isShared ? ATOMIC_BYTES : BLOCK_BYTES);
}

/** Whole lines. */
interface Block {
  /** Not written yet. */
  bytes: Buffer;
  /** Where they are. */
  memory: Buffer;
  lines: number;
}

/**
 * Lines are copied into blocks as they come, which costs less than to gather them as text: that had to be made
 * one piece, and measured, again and again.
 */
class BackgroundOutput implements LineOutput {
  readonly #descriptor: number;
  readonly #blockBytes: number;
  /** Being filled. */
  #block: Buffer;
  /** Written, to be filled again: new memory has to be found for each of its pages by the kernel. */
  #spare: Buffer | undefined;
  #used = 0;
  #lines = 0;
  /** Full ones, the oldest first, which may be under way. */
  #waiting: Block[] = [];
  #waitingBytes = 0;
  /** When the write that is under way began, monotonic; undefined if there is none. */
  #writingSinceMs: number | undefined;
  #isGone = false;
  #timer: NodeJS.Timeout | undefined;
  dropped = 0;

  readonly prompt: DestinationStream = {
    write: (line) => {
      this.write(line);
      this.#flush();
    },
  };

  constructor(descriptor: number, blockBytes: number) {
    this.#descriptor = descriptor;
    this.#blockBytes = blockBytes;
    this.#block = Buffer.allocUnsafe(blockBytes);
    process.on('exit', () => this.#writeRest());
  }

  write(line: string): void {
    if (this.#isGone) return;
    if (this.#waitingBytes + this.#used > MAX_WAITING_BYTES) {
      this.dropped += 1;
      return;
    }
    // A character takes three bytes at most; a surrogate pair, which is two, four.
    const fits = this.#used + line.length * 3 <= this.#blockBytes;
    if (!fits) this.#seal();
    if (fits || line.length * 3 <= this.#blockBytes) {
      this.#used += this.#block.write(line, this.#used);
      this.#lines += 1;
    } else {
      const bytes = Buffer.from(line);
      this.#queue({ bytes, memory: bytes, lines: 1 });
    }
    if (this.#waiting.length > 0) this.#writeNext();
    this.#timer ??= setTimeout(() => this.#flush(), FLUSH_MS).unref();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#seal();
    this.#writeNext();
  }

  /** What was gathered becomes a block of its own. */
  #seal(): void {
    if (this.#used === 0) return;
    const memory = this.#block;
    this.#queue({ bytes: memory.subarray(0, this.#used), memory, lines: this.#lines });
    this.#block = this.#spare ?? Buffer.allocUnsafe(this.#blockBytes);
    this.#spare = undefined;
    this.#used = 0;
    this.#lines = 0;
  }

  #queue(block: Block): void {
    this.#waiting.push(block);
    this.#waitingBytes += block.bytes.length;
  }

  #writeNext(): void {
    const [block] = this.#waiting;
    if (!block || this.#writingSinceMs !== undefined) return;
    this.#writingSinceMs = performance.now();
    write(this.#descriptor, block.bytes, (error, written) => {
      this.#writingSinceMs = undefined;
      if (error) this.#recover(block, error);
      else {
        this.#advance(block, written);
        this.#writeNext();
      }
    });
  }

  /** So much of the oldest block is out. */
  #advance(block: Block, bytes: number): void {
    this.#waitingBytes -= bytes;
    block.bytes = block.bytes.subarray(bytes);
    if (block.bytes.length > 0) return;
    this.#waiting.shift();
    if (block.memory.length === this.#blockBytes) this.#spare = block.memory;
  }

  #recover(block: Block, { code }: NodeJS.ErrnoException): void {
    if (code === 'EAGAIN') {
      setTimeout(() => this.#writeNext(), RETRY_MS).unref();
      return;
    }
    // The reader is gone, or there is no room: what can't be written must not pile up.
    this.dropped += block.lines;
    this.#advance(block, block.bytes.length);
    if (code === 'EPIPE') this.#giveUp();
    else this.#writeNext();
  }

  #giveUp(): void {
    this.#isGone = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#used = 0;
  }

  /** The last chance, without a loop of events. */
  #writeRest(): void {
    // What is under way is not ours to write again; it gets a moment to come first.
    if (this.#writingSinceMs !== undefined) {
      // A reader that stands still would keep the process from its end.
      if (performance.now() - this.#writingSinceMs > STUCK_MS) return;
      sleep(RETRY_MS);
      this.#waiting.shift();
    }
    this.#seal();
    for (const { bytes } of this.#waiting) if (!writeWhole(this.#descriptor, bytes)) return;
  }
}

/** False if that can't be done within a second. */
function writeWhole(descriptor: number, bytes: Buffer): boolean {
  let rest = bytes;
  for (let tries = 0; rest.length > 0 && tries < LAST_TRIES; tries++) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return false;
      sleep(RETRY_MS);
    }
  }
  return rest.length === 0;
}

function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
