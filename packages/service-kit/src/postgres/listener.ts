/** LISTEN/NOTIFY on a connection of its own, which is opened again whenever it breaks. */
import pg from 'pg';
import { pause, Wakeup } from '../wakeup.ts';

export interface ListenerOptions {
  connectionString: string;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /**
   * What to call, by channel: at each notification, and after each new connection, since one may have
   * been missed before. A listener hears late or not at all while the database is away: poll as well.
   */
  channels: Readonly<Record<string, () => void>>;
  /** Told why a connection broke or could not be opened. */
  onError: (error: Error) => void;
}

export interface PostgresListener {
  close(): Promise<void>;
}

const RETRY_MS = 500;
const CONNECT_LIMIT_MS = 3000;
/** A peer that is gone without a word is noticed after the interval and the limit. */
const PROBE_INTERVAL_MS = 10_000;
const PROBE_LIMIT_MS = 3000;
const GOODBYE_LIMIT_MS = 1000;

/** Listens in the background, from now or from when the database is there, until it is closed. */
export function listenToPostgres(options: ListenerOptions): PostgresListener {
  const closing = new AbortController();
  const running = (async () => {
    while (!closing.signal.aborted) {
      try {
        await listenOnce(options, closing.signal);
      } catch (error) {
        if (!closing.signal.aborted) options.onError(error as Error);
      }
      await pause(RETRY_MS, closing.signal);
    }
  })();
  return {
    close: () => {
      closing.abort();
      return running;
    },
  };
}

/** One connection: resolves on abort, rejects when it breaks. */
async function listenOnce(options: ListenerOptions, signal: AbortSignal): Promise<void> {
  const client = new pg.Client({
    connectionString: options.connectionString,
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    query_timeout: PROBE_LIMIT_MS,
    keepAlive: true,
  });
  const wakeup = new Wakeup();
  let broken: Error | undefined;
  const endWith = (error: Error) => {
    broken ??= error;
    wakeup.wake();
  };
  const abort = () => wakeup.wake();
  client.on('error', endWith);
  client.on('end', () => endWith(new Error('the connection was closed')));
  client.on('notification', ({ channel }) => options.channels[channel]?.());
  signal.addEventListener('abort', abort, { once: true });
  try {
    await client.connect();
    for (const channel of Object.keys(options.channels)) {
      await client.query(`listen ${client.escapeIdentifier(channel)}`);
    }
    for (const notify of Object.values(options.channels)) notify();
    while (!signal.aborted) {
      await wakeup.wait(PROBE_INTERVAL_MS);
      if (broken) throw broken;
      if (!signal.aborted) await client.query('select 1');
    }
  } finally {
    signal.removeEventListener('abort', abort);
    await disconnect(client);
  }
}

/** Says goodbye; a server that does not answer is left all the same. */
async function disconnect(client: pg.Client): Promise<void> {
  const cut = setTimeout(() => client.connection.stream.destroy(), GOODBYE_LIMIT_MS);
  await client.end();
  clearTimeout(cut);
}
