/** Reads a stream by position: NATS's direct get, which creates and changes nothing at the server. */
import {
  type Msg,
  type NatsConnection,
  NoRespondersError,
  RequestError,
  TimeoutError,
} from '@nats-io/transport-node';

const ANSWER_LIMIT_MS = 5000;
const BATCH = 256;

export interface StoredMessage {
  sequence: number;
  storedAt: string;
  payload: string;
}

export class Stream {
  readonly name: string;
  readonly #connection: NatsConnection;

  constructor(connection: NatsConnection, name: string) {
    this.#connection = connection;
    this.name = name;
  }

  get #subject(): string {
    return `$JS.API.DIRECT.GET.${this.name}`;
  }

  /** The message at a position; undefined if there is none (any more). */
  at(sequence: number): Promise<StoredMessage | undefined> {
    return this.#one({ seq: sequence });
  }

  last(): Promise<StoredMessage | undefined> {
    return this.#one({ last_by_subj: '>' });
  }

  async #one(query: object): Promise<StoredMessage | undefined> {
    const answer = await this.#connection.request(this.#subject, JSON.stringify(query), {
      timeout: ANSWER_LIMIT_MS,
    });
    return answer.headers?.code === 0 ? stored(answer) : undefined;
  }

  /** The next messages from a position, or from a time, on; none if there are none yet. */
  async next(from: { seq: number } | { start_time: string }): Promise<StoredMessage[]> {
    const query = JSON.stringify({ ...from, batch: BATCH });
    const answers = await this.#connection.requestMany(this.#subject, query, {
      // An empty message ends the batch.
      strategy: 'sentinel',
      maxWait: ANSWER_LIMIT_MS,
    });
    const messages: StoredMessage[] = [];
    for await (const answer of answers) {
      // 204: the end of the batch; 404: nothing there; anything else: the request was wrong.
      if (answer.headers?.code === 204 || answer.headers?.code === 404) return messages;
      if (answer.headers?.code !== 0) throw new Error(`${this.name}: ${answer.headers?.description}`);
      // A connection that broke may have lost the one before.
      const before = Number(answer.headers.get('Nats-Last-Sequence'));
      if (before !== (messages.at(-1)?.sequence ?? 0)) return messages;
      messages.push(stored(answer));
    }
    if (messages.length === 0) throw new TimeoutError();
    return messages;
  }
}

function stored(answer: Msg): StoredMessage {
  const header = (name: string) => answer.headers?.get(`Nats-${name}`) ?? '';
  return {
    sequence: Number(header('Sequence')),
    storedAt: header('Time-Stamp'),
    payload: answer.string(),
  };
}

/** Whether a question may succeed if it is asked again: nobody answered, or not in time. */
export function isOutage(error: unknown): boolean {
  return [TimeoutError, NoRespondersError, RequestError].some((kind) => error instanceof kind);
}
