/** Standard output for logs of many lines, which nobody who serves a request may have to wait for. */
import { type DestinationStream, pino } from 'pino';

export interface LineOutput {
  /** Takes a line with its newline; it is written in the background, `FLUSH_MS` later at most. */
  write(line: string): void;
  /** The same output for lines that should be seen at once: they are written, with all before them, as soon as it is free. */
  readonly prompt: DestinationStream;
  /** Lines that were dropped so far, because whoever reads the output doesn't keep up. */
  readonly dropped: number;
}

const FLUSH_MS = 100;
/** One write for some thirty lines. */
const GATHERED_BYTES = 16 * 1024;
/** What several processes write to one pipe stays whole up to here: PIPE_BUF of Linux, see pipe(7). */
const ATOMIC_BYTES = 4096;
/** What waits for a reader that stands still. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

/**
 * What is gathered is also written when the process exits, however it comes to that, but for a signal that
 * can't be caught.
 *
 * @param file a descriptor or a path; standard output if absent
 * @param isShared other processes write there too: their lines must not get into each other
 */
export function openLineOutput(file: number | string = 1, isShared = false): LineOutput {
  const output = pino.destination({
    dest: file,
    sync: false,
    minLength: isShared ? ATOMIC_BYTES - 1 : GATHERED_BYTES,
    maxWrite: isShared ? ATOMIC_BYTES : 4 * GATHERED_BYTES,
    maxLength: MAX_WAITING_BYTES,
    periodicFlush: FLUSH_MS,
  });
  let dropped = 0;
  output.on('drop', () => {
    dropped += 1;
  });
  return {
    write: (line) => void output.write(line),
    prompt: {
      write: (line) => {
        output.write(line);
        output.flush();
      },
    },
    get dropped() {
      return dropped;
    },
  };
}
