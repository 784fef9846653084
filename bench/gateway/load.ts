/**
 * Requests at a constant rate, whatever becomes of those before (an open loop: nothing slow is left out of the
 * measurement by waiting for it), in a process of its own:
 *
 *     node load.ts '{"port": 8080, "path": "/", "key": "…", "rate": 1000, "seconds": 10, "connections": 32}'
 *
 * Prints the outcome as JSON. Instead of a key, `forged` makes a new well-formed one for each request, whose tag is
 * wrong. A request that finds no free connection waits for one, and its time goes on; forged ones are given up.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface LoadSettings {
  port: number;
  path: string;
  key: string | { forged: true };
  /** Per second. */
  rate: number;
  seconds: number;
  connections: number;
}

export interface LoadOutcome {
  /** Milliseconds from a request's turn to the last byte of its answer. */
  latenciesMs: number[];
  /** Requests by the status of their answer; `lost` for those whose connection broke. */
  statuses: Record<string, number>;
  /** What there was no free connection for. */
  unsent: number;
}

const HEAD_END = '\r\n\r\n';
const LAST_ANSWERS_MS = 2000;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

type OnAnswer = (status: string) => void;

/** One request at a time. */
class Connection {
  readonly #socket: Socket;
  readonly #onIdle: () => void;
  #received: Buffer = Buffer.alloc(0);
  #onAnswer: OnAnswer | undefined;

  constructor(socket: Socket, onIdle: () => void) {
    this.#socket = socket;
    this.#onIdle = onIdle;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.#finish('lost', false));
  }

  get isOpen(): boolean {
    return this.#socket.writable;
  }

  send(head: string, onAnswer: OnAnswer): void {
    this.#onAnswer = onAnswer;
    this.#socket.write(head, 'latin1');
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.#received = this.#received.length === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headEnd = this.#received.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.#received.toString('latin1', 0, headEnd);
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) throw new Error(`an answer without a length:\n${head}`);
    if (this.#received.length < headEnd + HEAD_END.length + Number(length)) return;
    this.#received = Buffer.alloc(0);
    this.#finish(head.slice(9, 12), true);
  }

  #finish(status: string, isReusable: boolean): void {
    const onAnswer = this.#onAnswer;
    this.#onAnswer = undefined;
    onAnswer?.(status);
    if (isReusable) this.#onIdle();
  }
}

export async function generate(settings: LoadSettings): Promise<LoadOutcome> {
  const { port, rate, seconds, connections } = settings;
  const isPatient = typeof settings.key === 'string';
  const headOf = headMaker(settings);
  const outcome: LoadOutcome = { latenciesMs: [], statuses: {}, unsent: 0 };
  const idle: Connection[] = [];
  const all = new Set<Connection>();
  const waiting: number[] = [];
  let open = 0;
  let isOver = false;

  const add = async () => {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const connection = new Connection(socket, () => becomeIdle(connection));
    all.add(connection);
    idle.push(connection);
  };
  const becomeIdle = (connection: Connection) => {
    const since = waiting.shift();
    if (since === undefined) idle.push(connection);
    else issue(connection, since);
  };
  const issue = (connection: Connection, since: number) => {
    open += 1;
    connection.send(headOf(), (status) => {
      open -= 1;
      outcome.statuses[status] = (outcome.statuses[status] ?? 0) + 1;
      if (isPatient) outcome.latenciesMs.push(performance.now() - since);
      if (status !== 'lost' || isOver) return;
      all.delete(connection);
      void add().catch(() => {});
    });
  };
  const freeOne = () => {
    let connection = idle.pop();
    while (connection && !connection.isOpen) connection = idle.pop();
    return connection;
  };

  await Promise.all(Array.from({ length: connections }, add));
  const startedAt = performance.now();
  let issued = 0;
  for (;;) {
    const now = performance.now();
    const due = Math.min(Math.floor(((now - startedAt) / 1000) * rate), rate * seconds);
    for (; issued < due; issued++) {
      const connection = freeOne();
      if (connection) issue(connection, now);
      else if (isPatient) waiting.push(now);
      else break;
    }
    outcome.unsent += due - issued;
    issued = due;
    if (issued >= rate * seconds) break;
    await delay(1);
  }
  const end = performance.now() + LAST_ANSWERS_MS;
  while (open + waiting.length > 0 && performance.now() < end) await delay(5);
  isOver = true;
  for (const connection of all) connection.destroy();
  return outcome;
}

function headMaker({ port, path, key }: LoadSettings): () => string {
  const before = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer `;
  if (typeof key === 'string') return () => `${before}${key}${HEAD_END}`;
  return () => `${before}${forgedKey()}${HEAD_END}`;
}

/** Well-formed; its tag is right once in 62⁶ times. */
function forgedKey(): string {
  let key = 'hk_live_';
  while (key.length < 58) key += ALPHABET[Math.trunc(Math.random() * ALPHABET.length)];
  return key;
}

const [settings] = process.argv.slice(2);
if (import.meta.main && settings !== undefined)
  process.stdout.write(JSON.stringify(await generate(JSON.parse(settings) as LoadSettings)));
