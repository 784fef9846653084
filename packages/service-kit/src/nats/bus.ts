/** The event bus as services use it: present or not, publishing never hangs and consuming resumes by itself. */
import { HokusaiError } from '@hokusai/contracts';
import { JetStreamApiError, type JetStreamClient, jetstream } from '@nats-io/jetstream';
import {
  connect,
  errors,
  headers,
  type MsgHdrs,
  type NatsConnection,
  type NodeConnectionOptions,
} from '@nats-io/transport-node';
import type { Logger } from '../log.ts';
import type { Tracing } from '../telemetry/tracing.ts';
import type { BackendTls } from '../tls/client-variables.ts';
import { pause, settleWithin } from '../wakeup.ts';
import { TRACE_HEADER } from './bus-message.ts';
import { inboxPrefixOf, natsOptionsOf } from './connection.ts';
import { type ConsumerOptions, runConsumer } from './consumer.ts';
import { ConsumerStats } from './consumer-stats.ts';
import { openDeadLetterAlarm } from './dead-letter-alarm.ts';
import { traceBatches } from './traced-batches.ts';

export interface Bus {
  /**
   * Publishes one message and waits for the stream's acknowledgement. `id` makes a repetition within the
   * stream's duplicate window collapse. Throws `unavailable` if it was not acknowledged in time: then it
   * may or may not be stored; and `invalid_request` if it is too large to be ever accepted. `traceparents` name the
   * traced requests behind it: few, since each makes it larger.
   */
  publish(subject: string, payload: Uint8Array, id: string, traceparents?: readonly string[]): Promise<void>;
  /** Consumes in the background, from now or from when the broker is there, until the bus is closed. */
  consume(options: Omit<ConsumerOptions, 'publish' | 'logger' | 'stats'>): void;
  /** Rejects while the broker can't be reached. */
  check(): Promise<void>;
  /** In a few words, whether messages of the streams consumed here wait among the dead letters; undefined: none. */
  deadLetters(): string | undefined;
  /** How far the consumers are, by their durable names. */
  consumers(): ReadonlyMap<string, ConsumerStats>;
  /** Ends the consumers after the batch they have in hand, then the connection. */
  close(): Promise<void>;
}

export interface BusOptions {
  /** `nats://user:password@host:port`. */
  url: string;
  /** Where the URL asks for TLS. */
  tls?: BackendTls;
  /** Shown in the broker's list of connections. */
  name: string;
  publishTimeoutMs: number;
  /** Has spans made of what consumers do for traced requests; absent: nothing is traced. */
  tracing?: Tracing | undefined;
  logger: Logger;
}

const RETRY_MS = 1000;
/** At the end, a broker that does not answer may hold up what is flushed to it for so long. */
const DRAIN_LIMIT_MS = 2000;
/** JetStream's error code for "message size exceeds maximum allowed". */
const TOO_LARGE = 10_054;

/** Opens the bus at once and connects in the background: a broker that is away keeps no service from starting. */
export function openBus({ url, tls, name, publishTimeoutMs, tracing, logger }: BusOptions): Bus {
  const closing = new AbortController();
  const link = connectInBackground(connectOptions(url, tls, name), closing.signal, logger);
  const deadLetters = openDeadLetterAlarm({ connection: link.current, signal: closing.signal });
  const consumers: Promise<void>[] = [];
  const stats = new Map<string, ConsumerStats>();
  const publishers = new WeakMap<NatsConnection, JetStreamClient>();
  const publisherOf = (connection: NatsConnection) => {
    const publisher = publishers.get(connection) ?? jetstream(connection);
    publishers.set(connection, publisher);
    return publisher;
  };

  const publish: Bus['publish'] = async (subject, payload, id, traceparents = []) => {
    const connection = link.current();
    if (!connection) throw new HokusaiError('unavailable', 'NATS is not connected.');
    const options = { msgID: id, timeout: publishTimeoutMs, ...traceHeaders(traceparents) };
    try {
      await publisherOf(connection).publish(subject, payload, options);
    } catch (error) {
      throw publishError(error, subject);
    }
  };

  async function consume(options: ConsumerOptions): Promise<void> {
    while (!closing.signal.aborted) {
      const connection = await link.ready();
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
      deadLetters.watch(options.stream);
      const own = new ConsumerStats(Date.now);
      stats.set(options.durable, own);
      const handle = traceBatches(tracing, options.durable, options.handle);
      consumers.push(consume({ ...options, handle, publish, logger, stats: own }));
    },
    consumers: () => stats,
    deadLetters: deadLetters.alarm,
    check: async () => {
      const connection = link.current();
      if (!connection) throw new Error('not connected');
      await connection.flush();
    },
    close: async () => {
      closing.abort();
      await Promise.all([...consumers, deadLetters.ended()]);
      await link.close();
    },
  };
}

function traceHeaders(traceparents: readonly string[]): { headers?: MsgHdrs } {
  if (traceparents.length === 0) return {};
  const all = headers();
  for (const traceparent of traceparents) all.append(TRACE_HEADER, traceparent);
  return { headers: all };
}

function publishError(error: unknown, subject: string): HokusaiError {
  const isTooLarge =
    error instanceof errors.InvalidArgumentError ||
    (error instanceof JetStreamApiError && error.code === TOO_LARGE);
  const [code, problem] = isTooLarge
    ? (['invalid_request', `The event for ${subject} is larger than NATS accepts.`] as const)
    : (['unavailable', `NATS did not acknowledge ${subject}.`] as const);
  return new HokusaiError(code, problem, { cause: error });
}

interface Link {
  /** undefined while the broker can't be reached. */
  current(): NatsConnection | undefined;
  /** The connection, once there is one; undefined if it was aborted before. */
  ready(): Promise<NatsConnection | undefined>;
  close(): Promise<void>;
}

/** Keeps a connection for as long as the signal allows, also past what the client library gives up on. */
function connectInBackground(options: NodeConnectionOptions, signal: AbortSignal, logger: Logger): Link {
  let connection: NatsConnection | undefined;
  let isUp = false;
  let opened = Promise.withResolvers<NatsConnection | undefined>();
  signal.addEventListener('abort', () => opened.resolve(isUp ? connection : undefined), { once: true });

  async function connectOnce(): Promise<void> {
    connection = await connect(options);
    if (signal.aborted) return connection.close();
    isUp = true;
    opened.resolve(connection);
    void followStatus(connection, (up) => {
      isUp = up;
    });
    const error = await connection.closed();
    isUp = false;
    opened = Promise.withResolvers();
    if (error) throw error;
  }

  const running = (async () => {
    while (!signal.aborted) {
      try {
        await connectOnce();
      } catch (error) {
        if (!signal.aborted) logger.warn({ err: error }, 'NATS is not reachable; trying again');
      }
      await pause(RETRY_MS, signal);
    }
  })();

  return {
    current: () => (isUp ? connection : undefined),
    ready: () => opened.promise,
    close: async () => {
      // Sends what is still in the buffer, above all acknowledgements; an end without them repeats work.
      if (connection && isUp) await settleWithin(connection.drain(), DRAIN_LIMIT_MS);
      await connection?.close();
      await running;
    },
  };
}

function connectOptions(url: string, tls: BackendTls | undefined, name: string): NodeConnectionOptions {
  const options = natsOptionsOf(url, tls);
  return {
    ...options,
    name,
    inboxPrefix: inboxPrefixOf(options.user),
    maxReconnectAttempts: -1,
    reconnectTimeWait: 500,
    pingInterval: 10_000,
    timeout: 3000,
    // A trace for each publication, just in case, would cost as much as the publication.
    noAsyncTraces: true,
  };
}

async function followStatus(connection: NatsConnection, report: (isUp: boolean) => void): Promise<void> {
  for await (const { type } of connection.status()) {
    if (type === 'disconnect') report(false);
    if (type === 'reconnect') report(true);
  }
}
