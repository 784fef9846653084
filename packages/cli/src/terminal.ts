/** Where the command reads from and writes to. */
import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { text as readAll } from 'node:stream/consumers';
import type { ReadStream, WriteStream } from 'node:tty';
import { BrokenPipe, Failure, systemCode } from './failure.ts';
import { printable, withoutKeys } from './output/printable.ts';
import type { Paper } from './output/style.ts';
import { createStyle, inkOf } from './output/style.ts';

/** The process's streams. They are terminals or not, whatever their type says. */
export interface Streams {
  stdin: ReadStream;
  stdout: WriteStream;
  stderr: WriteStream;
}

export interface Terminal {
  /** Writes results, printable already, to stdout. Throws BrokenPipe when nobody reads them any more. */
  write(text: string): Promise<void>;
  /** Writes results over those of the last time, where stdout is a terminal that can; else after them. */
  redraw(text: string): Promise<void>;
  /** One line on stderr, made printable, and without keys. */
  note(line: string): void;
  warn(line: string): void;
  /** How far something is: takes the place of the last such line, where stderr is a terminal. Empty: none any more. */
  progress(line: string): void;
  /** What went wrong, like `note`. */
  fail(line: string): void;
  /** How results are laid out. */
  paper: Paper;
  /** Whether questions can be asked. */
  isInteractive: boolean;
  /** Asks on stderr. Throws `cancelled` on Ctrl-C and Ctrl-D. */
  ask(question: string, options?: { isHidden?: boolean }): Promise<string>;
  /** All of stdin, which is no terminal. */
  readInput(): Promise<string>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** @param signal raised on Ctrl-C: ends what waits for input */
export function createTerminal(streams: Streams, env: Environment, signal: AbortSignal): Terminal {
  const { stdin, stdout, stderr } = streams;
  // Errors are told to the callbacks of writes; unheard events would end the process.
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  const errorStyle = createStyle(stderr.isTTY, env);
  const note = (line: string, start = '') => stderr.write(`${start}${printable(withoutKeys(line))}\n`);
  const redraw = redrawing(stdout, env);
  return {
    write: (text) => write(stdout, text),
    redraw: (text) => write(stdout, redraw(text)),
    note: (line) => void note(line),
    progress: progressOn(stderr, env),
    warn: (line) => void note(line, `hokusai: ${errorStyle('warning:', 'yellow')} `),
    fail: (line) => void note(line, `hokusai: ${errorStyle('error:', 'red')} `),
    // Windows change their size.
    get paper() {
      return {
        style: createStyle(stdout.isTTY, env),
        width: stdout.isTTY ? stdout.columns || Number.POSITIVE_INFINITY : Number.POSITIVE_INFINITY,
        ink: inkOf(stdout.isTTY, env),
      };
    },
    isInteractive: Boolean(stdin.isTTY && stderr.isTTY),
    ask: (question, { isHidden = false } = {}) =>
      ask({ ...streams, signal }, errorStyle(printable(question), 'bold'), isHidden),
    readInput: () => readInput(stdin, signal),
  };
}

const CLEAR_SCREEN = '\u001b[2J';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';

/** What puts a text in the place of the one before, without a flicker and as far as the screen reaches. */
function redrawing(stdout: WriteStream, env: Environment): (text: string) => string {
  let start = CLEAR_SCREEN + HOME;
  return (text) => {
    if (!stdout.isTTY || env['TERM'] === 'dumb') return text;
    const lines = text
      .trimEnd()
      .split('\n')
      .slice(0, Math.max(1, (stdout.rows || 24) - 1));
    const screen = start + lines.map((line) => `${line}${CLEAR_LINE}\n`).join('') + CLEAR_BELOW;
    start = HOME;
    return screen;
  };
}

function progressOn(stderr: WriteStream, env: Environment): (line: string) => void {
  if (!stderr.isTTY || env['TERM'] === 'dumb') return () => undefined;
  return (line) => void stderr.write(`\r${printable(line)}${CLEAR_LINE}`);
}

function write(stream: WriteStream, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(text, (error) => {
      if (!error) resolve();
      else reject(systemCode(error) === 'EPIPE' ? new BrokenPipe() : error);
    });
  });
}

function ask(
  { stdin, stderr, signal }: Pick<Streams, 'stdin' | 'stderr'> & { signal: AbortSignal },
  question: string,
  isHidden: boolean,
): Promise<string> {
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const { promise, resolve, reject } = settleable<string>();
  if (isHidden) stderr.write(question);
  const lines = createInterface({
    input: stdin,
    output: isHidden ? silent : stderr,
    terminal: true,
    historySize: 0,
  });
  const close = () => lines.close();
  lines.question(isHidden ? '' : question, resolve);
  lines.once('SIGINT', () => reject(new Failure('cancelled', 'Cancelled.')));
  lines.once('close', () => reject(new Failure('cancelled', 'Cancelled: there was no answer.')));
  signal.addEventListener('abort', close);
  return promise.finally(() => {
    signal.removeEventListener('abort', close);
    lines.close();
    if (isHidden) stderr.write('\n');
  });
}

async function readInput(stdin: ReadStream, signal: AbortSignal): Promise<string> {
  // What is typed would show.
  if (stdin.isTTY) throw new Failure('usage', 'There is no terminal to ask on: stderr is redirected.');
  const close = () => stdin.destroy();
  signal.addEventListener('abort', close);
  try {
    return await readAll(stdin);
  } catch (cause) {
    if (signal.aborted) throw new Failure('cancelled', 'Cancelled.');
    throw new Failure('usage', `The standard input can't be read (${systemCode(cause)}).`, { cause });
  } finally {
    signal.removeEventListener('abort', close);
  }
}

/** Promise.withResolvers, which Node 20 does not have. */
function settleable<Value>() {
  let resolve: (value: Value) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<Value>((onValue, onError) => {
    resolve = onValue;
    reject = onError;
  });
  return { promise, resolve, reject };
}
