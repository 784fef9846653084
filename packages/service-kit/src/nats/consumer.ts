/**
 * A durable JetStream consumer that works in batches: messages are acknowledged after their batch is
 * handled, an outage of what handles them is waited for, and what can't be read goes to the dead letters.
 */
import { deadLetterSubject } from '@hokusai/contracts';
import { type JsMsg, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import type { Logger } from '../log.ts';

export interface BusMessage {
  subject: string;
  /** The message's JSON; parsed against a schema by the handler. */
  data: unknown;
  /** Position in the stream. */
  streamSequence: number;
}

export interface ConsumerOptions {
  stream: string;
  durable: string;
  /** At most so many messages in one call of `handle`. */
  batchSize: number;
  /** How long to gather more messages after the first. */
  lingerMs: number;
  /**
   * Stores a batch: all of it or, if it throws, nothing. A batch that fails for another reason than an
   * outage is handed over again message by message, to find the one that is wrong.
   */
  handle(messages: readonly BusMessage[]): Promise<void>;
  /** True if the same messages may succeed later: they are delivered again for as long as it takes. */
  isOutage(error: unknown): boolean;
  /** For dead letters. */
  publish(subject: string, payload: Uint8Array, id: string): Promise<void>;
  logger: Logger;
}

/** A message that can't be handled is given up after so many deliveries. */
const MAX_DELIVERIES = 5;
const RETRY_DELAY_MS = 1000;
const REASON_LIMIT = 500;

/** Consumes until the signal aborts, then finishes the batch in hand. Throws if consuming can't begin. */
export async function runConsumer(
  connection: NatsConnection,
  options: ConsumerOptions,
  signal: AbortSignal,
): Promise<void> {
  const consumer = await jetstream(connection).consumers.get(options.stream, options.durable);
  const inbox = new Inbox(signal);
  const messages = await consumer.consume({
    max_messages: options.batchSize * 2,
    callback: (message) => inbox.push(message),
  });
  const settle = createBatchHandler(options);
  try {
    while (!signal.aborted) {
      await inbox.holds(1);
      await inbox.holds(options.batchSize, options.lingerMs);
      if (!signal.aborted) await settle(inbox.take(options.batchSize));
    }
  } finally {
    await messages.close();
  }
}

/** Deliveries that wait to be handled. What is left in it at the end is delivered again elsewhere. */
class Inbox {
  readonly #messages: JsMsg[] = [];
  readonly #signal: AbortSignal;
  #wake = () => {};

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake(), { once: true });
  }

  push(message: JsMsg): void {
    this.#messages.push(message);
    this.#wake();
  }

  take(count: number): JsMsg[] {
    return this.#messages.splice(0, count);
  }

  /** Resolves when so many messages are there, at the latest after `limitMs`, and at once on abort. */
  holds(count: number, limitMs?: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = limitMs === undefined ? undefined : setTimeout(resolve, limitMs);
      this.#wake = () => {
        if (this.#messages.length < count && !this.#signal.aborted) return;
        clearTimeout(timer);
        resolve();
      };
      this.#wake();
    });
  }
}

/** Handles and settles one batch of deliveries; never throws. */
function createBatchHandler(options: ConsumerOptions) {
  const { logger } = options;

  async function settle(batch: readonly JsMsg[]): Promise<void> {
    try {
      await options.handle(batch.map(toBusMessage));
      for (const message of batch) message.ack();
    } catch (error) {
      if (options.isOutage(error)) return retryLater(batch, error);
      if (batch.length === 1) return giveUpOrRetry(batch[0] as JsMsg, error);
      for (const message of batch) await settle([message]);
    }
  }

  function retryLater(batch: readonly JsMsg[], error: unknown): void {
    logger.warn(
      { err: error, messages: batch.length, stream: options.stream },
      'storing failed; trying again',
    );
    for (const message of batch) message.nak(RETRY_DELAY_MS);
  }

  async function giveUpOrRetry(message: JsMsg, error: unknown): Promise<void> {
    if (message.info.deliveryCount < MAX_DELIVERIES) return retryLater([message], error);
    try {
      await options.publish(
        deadLetterSubject(options.stream),
        deadLetterOf(message, error),
        deadLetterId(message),
      );
      message.term('dead letter');
      logger.error(
        { err: error, subject: message.subject, sequence: message.seq },
        'message moved to the dead letters',
      );
    } catch (publishError) {
      retryLater([message], publishError);
    }
  }

  const deadLetterId = (message: JsMsg) => `${options.durable}:${message.info.stream}:${message.seq}`;

  function deadLetterOf(message: JsMsg, error: unknown): Uint8Array {
    const reason = error instanceof Error ? error.message : String(error);
    const letter = {
      stream: message.info.stream,
      stream_sequence: message.seq,
      subject: message.subject,
      consumer: options.durable,
      reason: reason.slice(0, REASON_LIMIT),
      payload_base64: Buffer.from(message.data).toString('base64'),
    };
    return Buffer.from(JSON.stringify(letter));
  }

  return settle;
}

/** Unreadable JSON becomes a value that no schema accepts, so that the handler names the problem. */
function toBusMessage(message: JsMsg): BusMessage {
  return { subject: message.subject, data: parseJson(message), streamSequence: message.seq };
}

function parseJson(message: JsMsg): unknown {
  try {
    return message.json();
  } catch {
    return undefined;
  }
}
