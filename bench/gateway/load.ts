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

async function generate(settings: LoadSettings): Promise<LoadOutcome> {
  const load = new Load(settings);
  await load.connect();
  await load.issueAll();
  await load.end();
  return load.outcome;
}

class Load {
  readonly outcome: LoadOutcome = { latenciesMs: [], statuses: {}, unsent: 0 };
  readonly #settings: LoadSettings;
  readonly #isPatient: boolean;
  readonly #headOf: () => string;
  readonly #idle: Connection[] = [];
  readonly #all = new Set<Connection>();
  /** When they were due. */
  readonly #waiting: number[] = [];
  #open = 0;
  #isOver = false;

  constructor(settings: LoadSettings) {
    this.#settings = settings;
    this.#isPatient = typeof settings.key === 'string';
    this.#headOf = headMaker(settings);
  }

  async connect(): Promise<void> {
    await Promise.all(Array.from({ length: this.#settings.connections }, () => this.#add()));
  }

  /** Each at its time, however long the answers before it take. */
  async issueAll(): Promise<void> {
    const { rate, seconds } = this.#settings;
    const total = rate * seconds;
    const startedAt = performance.now();
    for (let issued = 0; issued < total; await delay(1)) {
      const due = Math.min(Math.floor(((performance.now() - startedAt) / 1000) * rate), total);
      for (; issued < due; issued++) this.#issueOne(startedAt + (issued / rate) * 1000);
    }
  }

  /** Waits for the last answers. */
  async end(): Promise<void> {
    const end = performance.now() + LAST_ANSWERS_MS;
    while (this.#open + this.#waiting.length > 0 && performance.now() < end) await delay(5);
    this.#isOver = true;
    for (const connection of this.#all) connection.destroy();
  }

  #issueOne(dueAt: number): void {
    const connection = this.#freeOne();
    if (connection) this.#send(connection, dueAt);
    else if (this.#isPatient) this.#waiting.push(dueAt);
    else this.outcome.unsent += 1;
  }

  #send(connection: Connection, dueAt: number): void {
    const { statuses, latenciesMs } = this.outcome;
    this.#open += 1;
    connection.send(this.#headOf(), (status) => {
      this.#open -= 1;
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (this.#isPatient) latenciesMs.push(performance.now() - dueAt);
      if (status !== 'lost' || this.#isOver) return;
      this.#all.delete(connection);
      void this.#add().catch(() => {});
    });
  }

  #freeOne(): Connection | undefined {
    let connection = this.#idle.pop();
    while (connection && !connection.isOpen) connection = this.#idle.pop();
    return connection;
  }

  async #add(): Promise<void> {
    const socket = connect(this.#settings.port, '127.0.0.1');
    await once(socket, 'connect');
    const connection = new Connection(socket, () => this.#becomeIdle(connection));
    this.#all.add(connection);
    this.#idle.push(connection);
  }

  #becomeIdle(connection: Connection): void {
    const dueAt = this.#waiting.shift();
    if (dueAt === undefined) this.#idle.push(connection);
    else this.#send(connection, dueAt);
  }
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
