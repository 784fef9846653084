/** What both programs need: the connection and what can be wrong with it, events as lines, ids that were seen. */
import {
  AuthorizationError,
  ConnectionError,
  connect,
  type NatsConnection,
  PermissionViolationError,
} from '@nats-io/transport-node';

/** Of an event's envelope (CloudEvents 1.0) what these programs use; docs/asyncapi.yaml has all of it. */
export interface Event {
  id: string;
  time: string;
  type: string;
  data: unknown;
}

/** Connects as NATS_SUBSCRIBER_URL says, and from then on comes back after each outage. */
export async function connectToBus(): Promise<NatsConnection> {
  const { servers, user, pass, tls } = settings();
  // Answers to this user's requests can only be heard under this prefix.
  const options = { servers, user, pass, tls, inboxPrefix: `_INBOX_${user}`, name: 'events example' };
  try {
    const connection = await connect({ ...options, maxReconnectAttempts: -1 });
    void tellOfOutages(connection);
    return connection;
  } catch (error) {
    return fail(reasonOf(error, `no connection to ${servers}`));
  }
}

function settings() {
  const url = URL.parse(process.env['NATS_SUBSCRIBER_URL'] ?? '');
  if (!url?.host) return fail('set NATS_SUBSCRIBER_URL to nats://USER:PASSWORD@HOST:PORT');
  const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  return { servers: url.host, user, pass, tls: url.protocol === 'tls:' ? {} : null };
}

async function tellOfOutages(connection: NatsConnection): Promise<void> {
  void connection.closed().then((error) => {
    if (error) fail(reasonOf(error, 'the connection was closed'));
  });
  let isUp = true;
  for await (const status of connection.status()) {
    // Each attempt that fails is one more disconnection.
    if (status.type === 'disconnect' && isUp) console.error('disconnected; trying again');
    if (status.type === 'reconnect') console.error('connected again');
    if (status.type === 'disconnect' || status.type === 'reconnect') isUp = status.type === 'reconnect';
    if (status.type === 'error' && status.error instanceof PermissionViolationError)
      fail(reasonOf(status.error, ''));
  }
}

/** What is wrong, for the person who started the program. */
function reasonOf(error: unknown, otherwise: string): string {
  if (error instanceof AuthorizationError)
    return 'NATS knows no such user, or not with this password: look at NATS_SUBSCRIBER_URL';
  if (error instanceof PermissionViolationError)
    return `NATS refuses this user the ${error.operation} of ${error.subject}: is it the subscriber's?`;
  if (error instanceof ConnectionError) return `${otherwise}: ${error.message}`;
  return `${otherwise}: ${error}`;
}

export function fail(message: string): never {
  console.error(message);
  process.exit(1);
}

/** The event in a message; undefined, and said, if it is none. */
export function eventIn(payload: string, where: string): Event | undefined {
  try {
    const event = JSON.parse(payload);
    if (event.specversion === '1.0' && event.id && event.time && event.type && event.data) return event;
  } catch {}
  console.error(`${where} is no CloudEvents 1.0 event; skipped`);
  return undefined;
}

/** One line, in ASCII: a key's name is anyone's text, and this goes to a terminal. */
export function lineOf({ time, type, id, data }: Event): string {
  const hex = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  return `${time} ${type} ${id} ${JSON.stringify(data)}`.replace(/[^ -~]/g, hex);
}

/** The ids of the latest events: one may come again, also hours later. */
export class SeenIds {
  readonly #ids: Set<string>;
  readonly #max: number;

  constructor(ids: readonly string[] = [], max = 5000) {
    this.#ids = new Set(ids);
    this.#max = max;
  }

  /** Whether it is new; it is not from then on. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    const [oldest] = this.#ids;
    if (oldest !== undefined && this.#ids.size > this.#max) this.#ids.delete(oldest);
    return true;
  }

  list(): string[] {
    return [...this.#ids];
  }
}
