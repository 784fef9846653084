/** Streams and durable consumers of the event bus, created by the deployment as the bus's admin. */
import {
  CONSUMERS,
  DEAD_LETTERS,
  STREAMS,
  type StreamDefinition,
  SUBSCRIBER_STREAMS,
} from '@hokusai/contracts';
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  type JetStreamManager,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import type { BackendTls } from '../tls/client-variables.ts';
import { natsOptionsOf } from './connection.ts';

const NANOS_PER_MS = 1_000_000;
/** A publisher that repeats a message within this time stores it once. */
const DUPLICATE_WINDOW_MS = 2 * 60 * 1000;
const ACK_WAIT_MS = 30_000;

export interface ProvisionOptions {
  /** A delivery that is not settled by then is made again; 30 s if absent. */
  ackWaitMs?: number;
  /** Where the URL asks for TLS. */
  tls?: BackendTls;
}

/** Creates what is missing and updates what differs; safe to repeat, and from several replicas at once. */
export async function provisionBus(
  adminUrl: string,
  { ackWaitMs = ACK_WAIT_MS, tls }: ProvisionOptions = {},
): Promise<void> {
  const connection = await connect({ ...natsOptionsOf(adminUrl, tls), name: 'hokusai-provision' });
  try {
    await provisionOn(connection, ackWaitMs);
  } finally {
    await connection.close();
  }
}

async function provisionOn(connection: NatsConnection, ackWaitMs: number): Promise<void> {
  const manager = await jetstreamManager(connection);
  for (const stream of STREAMS) await upsertStream(manager, stream);
  for (const consumer of Object.values(CONSUMERS)) await upsertConsumer(manager, consumer, ackWaitMs);
}

async function upsertStream(manager: JetStreamManager, stream: StreamDefinition): Promise<void> {
  const config = {
    name: stream.name,
    subjects: [...stream.subjects],
    retention: RetentionPolicy.Limits,
    storage: StorageType.File,
    max_age: stream.maxAgeMs * NANOS_PER_MS,
    max_bytes: stream.maxBytes,
    discard: stream.discard === 'old' ? DiscardPolicy.Old : DiscardPolicy.New,
    duplicate_window: DUPLICATE_WINDOW_MS * NANOS_PER_MS,
    // How subscribers outside read what they missed, and services the last dead letter: no consumer, which they
    // would have to create, is needed.
    allow_direct: SUBSCRIBER_STREAMS.includes(stream) || stream === DEAD_LETTERS,
  };
  try {
    await manager.streams.add(config);
  } catch {
    // It is there already: with another configuration, or made by another replica this moment.
    await manager.streams.update(stream.name, config);
  }
}

async function upsertConsumer(
  manager: JetStreamManager,
  consumer: { stream: string; durable: string; filter: string },
  ackWaitMs: number,
): Promise<void> {
  const config = {
    durable_name: consumer.durable,
    filter_subject: consumer.filter,
    ack_policy: AckPolicy.Explicit,
    deliver_policy: DeliverPolicy.All,
    ack_wait: ackWaitMs * NANOS_PER_MS,
    max_ack_pending: 2000,
    // Outages are waited for; the consumer itself counts the deliveries of what it can't read.
    max_deliver: -1,
  };
  try {
    await manager.consumers.add(consumer.stream, config);
  } catch {
    await manager.consumers.update(consumer.stream, consumer.durable, config);
  }
}
