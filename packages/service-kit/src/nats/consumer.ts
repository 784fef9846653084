/**
 * A durable JetStream consumer that works in batches: messages are acknowledged after their batch is
 * handled. What fails by its own fault goes to the dead letters; every other failure is waited for.
 */
import { type ConsumerMessages, type JsMsg, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from '../log.ts';
import { settleWithin } from '../wakeup.ts';
import { type DeliveredMessage, toBusMessage } from './bus-message.ts';
import type { ConsumerStats } from './consumer-stats.ts';
import { publishDeadLetter } from './dead-letter.ts';
import { isOwnFault } from './own-fault.ts';
import { UnreadableMessages } from './unreadable.ts';

export interface ConsumerOptions {
  stream: string;
  durable: string;
  /** At most so many messages in one call of `handle`. */
  batchSize: number;
  /** How long to gather more messages after the first. */
  lingerMs: number;
  /** Calls of `handle` under way at the same time; 1 if absent. */
  concurrency?: number;
  /**
   * Stores a batch: all of it or, if it throws, nothing. A batch that fails for another reason than an
   * outage is handed over again message by message, to find the one that is wrong. Throws `unprocessable`
   * for a message that can't be read; or, having stored all others, `UnreadableMessages` for those.
   */
  handle(messages: readonly DeliveredMessage[]): Promise<void>;
  /** True if no message at all can be stored for now: then there is no point in trying them one by one. */
  isOutage(error: unknown): boolean;
  /** For dead letters. */
  publish(subject: string, payload: Uint8Array, id: string): Promise<void>;
  logger: Logger;
  /** Told how far it is; nobody is if absent. */
  stats?: ConsumerStats;
}

/** A message is given up after so many attempts that failed by its own fault. */
const MAX_ATTEMPTS = 5;
/** When so many messages of a batch fail for no known reason, it hardly is theirs: the rest waits with them. */
const MAX_UNEXPLAINED = 2;
/** Of so many messages the failed attempts are remembered: five times what a consumer may have in hand. */
const MAX_REMEMBERED = 10_000;
const RETRY_DELAY_MS = 1000;
/** Of the messages in one call of `handle`, so that large ones don't fill the memory; one more may go beyond it. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;
/** At the end, a broker that does not answer may hold up what is given back to it for so long. */
const ARRIVAL_LIMIT_MS = 1000;
/** Also how long the client waits before it asks again after a failed look at its consumer. */
const PULL_LIFE_MS = 5000;

/**
 * Consumes until the signal aborts, then finishes the batch in hand and gives back what was delivered
 * beyond it. Throws if consuming can't begin, or ends because the consumer or the connection is gone.
 */
export async function runConsumer(
  connection: NatsConnection,
  options: ConsumerOptions,
  signal: AbortSignal,
): Promise<void> {
  const consumer = await jetstream(connection).consumers.get(options.stream, options.durable);
  const messages = await consumer.consume({
    // What waits is in memory as well, in buffers of up to twice its size; more is asked for long before it runs out.
    max_messages: Math.ceil(options.batchSize / 2),
    expires: PULL_LIFE_MS,
    abort_on_missing_resource: true,
  });
  const deliveries = new Deliveries(messages, signal);
  const settle = createBatchHandler(options);
  const underWay = new Set<Promise<unknown>>();
  try {
    while (!signal.aborted) {
      const batch = await deliveries.batch(options.batchSize, options.lingerMs);
      if (batch.length === 0) continue;
      const note = options.stats?.begin(batch);
      const settled = settle(batch).finally(() => {
        note?.();
        underWay.delete(settled);
      });
      underWay.add(settled);
      if (underWay.size >= (options.concurrency ?? 1)) await Promise.race(underWay);
    }
  } finally {
    await Promise.all(underWay);
    // What the broker has sent is here when it answers; unsubscribed before that, we would never see it.
    await settleWithin(connection.flush(), ARRIVAL_LIMIT_MS);
    await deliveries.giveBack();
  }
}

/** Deliveries, read no faster than they are handled, so that few of them wait for their turn here. */
class Deliveries {
  readonly #messages: ConsumerMessages;
  readonly #iterator: AsyncIterator<JsMsg>;
  readonly #signal: AbortSignal;
  /** A read that a time limit left behind. */
  #reading: Promise<IteratorResult<JsMsg>> | undefined;

  constructor(messages: ConsumerMessages, signal: AbortSignal) {
    this.#messages = messages;
    this.#iterator = messages[Symbol.asyncIterator]();
    this.#signal = signal;
  }

  /** The next messages, gathered for at most `lingerMs` after the first one; those until then on abort. */
  async batch(size: number, lingerMs: number): Promise<JsMsg[]> {
    const batch: JsMsg[] = [];
    let isOver = this.#signal.aborted;
    let timer: NodeJS.Timeout | undefined;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const end = () => {
      isOver = true;
      resolve();
    };
    const gather = async () => {
      let bytes = 0;
      while (!isOver && batch.length < size && bytes < MAX_BATCH_BYTES) {
        this.#reading ??= this.#iterator.next();
        const { done, value } = await this.#reading;
        // What comes too late is the next batch's.
        if (isOver) return;
        this.#reading = undefined;
        if (done) throw new Error('the consumer or the connection to the broker is gone');
        batch.push(value);
        bytes += value.data.length;
        timer ??= setTimeout(end, lingerMs);
      }
    };
    this.#signal.addEventListener('abort', end, { once: true });
    try {
      await Promise.race([gather(), over]);
    } finally {
      isOver = true;
      clearTimeout(timer);
      this.#signal.removeEventListener('abort', end);
    }
    return batch;
  }

  /** Ends the subscription. What was delivered and not handled goes to another consumer at once. */
  async giveBack(): Promise<void> {
    void this.#messages.close();
    try {
      for (;;) {
        const { done, value } = await (this.#reading ?? this.#iterator.next());
        this.#reading = undefined;
        if (done) return;
        value.nak();
      }
    } catch {
      // The connection is gone: the broker delivers all of it again after its own time limit.
    }
  }
}

/** Attempts that failed by the message's own fault, by position in the stream. */
class FailedAttempts {
  readonly #counts = new Map<number, number>();

  /** Counts one more; returns how many there were. */
  failed(sequence: number): number {
    const count = (this.#counts.get(sequence) ?? 0) + 1;
    this.#counts.set(sequence, count);
    // What another replica settled would stay for ever. Counting one again from 0 does no harm.
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > MAX_REMEMBERED && oldest !== undefined) this.#counts.delete(oldest);
    return count;
  }

  forget(message: JsMsg): void {
    // Hardly ever is there one, and where a message stands has to be parsed.
    if (this.#counts.size > 0) this.#counts.delete(message.seq);
  }
}

/** Gives deliveries back to be tried again, and tells of it: of an outage once, and once that it is over. */
class Retries {
  readonly #options: ConsumerOptions;
  #isOut = false;

  constructor(options: ConsumerOptions) {
    this.#options = options;
  }

  later(batch: readonly JsMsg[], error: unknown): void {
    const { isOutage, logger, stream, stats } = this.#options;
    stats?.failed(batch, RETRY_DELAY_MS);
    const isOut = isOutage(error);
    const level = isOut || isOwnFault(error) ? 'warn' : 'error';
    const details = { err: error, messages: batch.length, stream };
    logger[isOut && this.#isOut ? 'debug' : level](details, 'storing failed; trying again');
    this.#isOut ||= isOut;
    for (const message of batch) message.nak(RETRY_DELAY_MS);
  }

  worked(): void {
    if (this.#isOut) this.#options.logger.info({ stream: this.#options.stream }, 'storing works again');
    this.#isOut = false;
  }
}

/** Handles and settles one batch of deliveries; never throws. */
function createBatchHandler(options: ConsumerOptions) {
  const { logger } = options;
  const attempts = new FailedAttempts();
  const retries = new Retries(options);

  /** False if the batch, or some of it, waits for something else than itself. */
  async function settle(batch: readonly JsMsg[]): Promise<boolean> {
    try {
      await options.handle(batch.map(toBusMessage));
    } catch (error) {
      if (error instanceof UnreadableMessages) return settleUnreadable(batch, error);
      return settleFailed(batch, error);
    }
    acknowledge(batch, attempts);
    options.stats?.succeeded(batch.length);
    retries.worked();
    return true;
  }

  async function settleUnreadable(
    batch: readonly JsMsg[],
    { problems }: UnreadableMessages,
  ): Promise<boolean> {
    const stored = batch.filter((_message, index) => !problems.has(index));
    acknowledge(stored, attempts);
    options.stats?.succeeded(stored.length);
    for (const [index, problem] of problems) await giveUpOrRetry(batch[index] as JsMsg, problem);
    return true;
  }

  async function settleFailed(batch: readonly JsMsg[], error: unknown): Promise<boolean> {
    const isOutage = options.isOutage(error);
    if (batch.length > 1 && !isOutage) return settleSingly(batch, error);
    if (isOutage || !isOwnFault(error)) {
      retries.later(batch, error);
      return false;
    }
    await giveUpOrRetry(batch[0] as JsMsg, error);
    return true;
  }

  async function settleSingly(batch: readonly JsMsg[], error: unknown): Promise<boolean> {
    let unexplained = 0;
    for (const [index, message] of batch.entries()) {
      if (!(await settle([message]))) unexplained += 1;
      if (unexplained < MAX_UNEXPLAINED) continue;
      const rest = batch.slice(index + 1);
      if (rest.length > 0) retries.later(rest, error);
      break;
    }
    return unexplained === 0;
  }

  async function giveUpOrRetry(message: JsMsg, error: unknown): Promise<void> {
    if (attempts.failed(message.seq) < MAX_ATTEMPTS) return retries.later([message], error);
    try {
      await publishDeadLetter(message, options.durable, error, options.publish);
      message.term('dead letter');
      if (options.stats) options.stats.deadLettered += 1;
      attempts.forget(message);
      logger.error(
        { err: error, subject: message.subject, sequence: message.seq },
        'message moved to the dead letters',
      );
    } catch (publishError) {
      retries.later([message], publishError);
    }
  }

  return settle;
}

function acknowledge(messages: readonly JsMsg[], attempts: FailedAttempts): void {
  for (const message of messages) {
    message.ack();
    attempts.forget(message);
  }
}
