/** The event bus as services use it: present or not, publishing never hangs and consuming resumes by itself. */
import { HokusaiError } from '@hokusai/contracts';
import { jetstream } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { Logger } from '../log.ts';
import { inboxPrefixOf, natsOptionsOf } from './connection.ts';
import { type ConsumerOptions, runConsumer } from './consumer.ts';

export interface Bus {
  /**
   * Publishes one message and waits for the stream's acknowledgement. `id` makes a repetition within the
   * stream's duplicate window collapse. Throws `unavailable` if it was not acknowledged in time: then it
   * may or may not be stored.
   */
  publish(subject: string, payload: Uint8Array, id: string): Promise<void>;
  /** Consumes in the background, from now or from when the broker is there, until the bus is closed. */
  consume(options: Omit<ConsumerOptions, 'publish' | 'logger'>): void;
  /** Rejects while the broker can't be reached. */
  check(): Promise<void>;
  /** Ends the consumers after the batch they have in hand, then the connection. */
  close(): Promise<void>;
}

export interface BusOptions {
  /** `nats://user:password@host:port`. */
  url: string;
  /** Shown in the broker's list of connections. */
  name: string;
  publishTimeoutMs: number;
  logger: Logger;
}

const RETRY_MS = 1000;

/** Opens the bus at once and connects in the background: a broker that is away keeps no service from starting. */
export function openBus({ url, name, publishTimeoutMs, logger }: BusOptions): Bus {
  const closing = new AbortController();
  const link = connectInBackground(url, name, closing.signal, logger);
  const consumers: Promise<void>[] = [];

  async function publish(subject: string, payload: Uint8Array, id: string): Promise<void> {
    const connection = link.current();
    if (!connection) throw new HokusaiError('unavailable', 'NATS is not connected.');
    try {
      await jetstream(connection).publish(subject, payload, { msgID: id, timeout: publishTimeoutMs });
    } catch (error) {
      throw new HokusaiError('unavailable', `NATS did not acknowledge ${subject}.`, { cause: error });
    }
  }

  async function consume(options: ConsumerOptions): Promise<void> {
    while (!closing.signal.aborted) {
      const connection = await link.ready;
      if (!connection) return;
      try {
        return await runConsumer(connection, options, closing.signal);
      } catch (error) {
        if (closing.signal.aborted) return;
        logger.warn({ err: error, durable: options.durable }, 'consuming failed; trying again');
        await pause(RETRY_MS, closing.signal);
      }
    }
  }

  return {
    publish,
    consume: (options) => {
      consumers.push(consume({ ...options, publish, logger }));
    },
    check: async () => {
      const connection = link.current();
      if (!connection) throw new Error('not connected');
      await connection.flush();
    },
    close: async () => {
      closing.abort();
      await Promise.all(consumers);
      await (await link.ready)?.close();
    },
  };
}

interface Link {
  current(): NatsConnection | undefined;
  /** undefined if it was aborted before the first connection. */
  ready: Promise<NatsConnection | undefined>;
}

function connectInBackground(url: string, name: string, signal: AbortSignal, logger: Logger): Link {
  const options = natsOptionsOf(url);
  let connection: NatsConnection | undefined;
  const ready = (async () => {
    while (!signal.aborted) {
      try {
        connection = await connect({
          ...options,
          name,
          inboxPrefix: inboxPrefixOf(options.user),
          maxReconnectAttempts: -1,
          reconnectTimeWait: 500,
          pingInterval: 10_000,
          // A message published while reconnecting is the outbox's or the spool's to keep, not this buffer's.
          timeout: 3000,
        });
        return connection;
      } catch (error) {
        logger.warn({ err: error }, 'NATS is not reachable; trying again');
        await pause(RETRY_MS, signal);
      }
    }
    return undefined;
  })();
  return { current: () => connection, ready };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    function done() {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
}
