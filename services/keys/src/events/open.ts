/** The service's events, in and out, with what they stand on. */
import { createServiceClient, type ServiceClientOptions, services } from '@hokusai/contracts';
import {
  type Bus,
  type BusOptions,
  type Logger,
  openBus,
  type Pool,
  type Tracing,
} from '@hokusai/service-kit';
import { createConfirmation } from './audit-confirmation.ts';
import { consumeLastUsed } from './last-used.ts';
import { startOutboxRelay } from './outbox-relay.ts';
import { createOutboxStore, type OutboxState } from './outbox-store.ts';

export interface OpenEventsOptions {
  nats: Pick<BusOptions, 'url' | 'tls'>;
  /** Where the audit service is, and how it knows this one. */
  audit: Pick<ServiceClientOptions, 'address' | 'token' | 'tls'>;
  pool: Pool;
  tracing: Tracing | undefined;
  logger: Logger;
}

export interface OpenEvents {
  /** There is something new in the outbox. */
  wake(): void;
  /** In a few words what needs a person; undefined: nothing. */
  alarm(): string | undefined;
  /** The same of messages that could not be read. */
  deadLetters(): string | undefined;
  /** The outbox as it was looked at last; undefined before the first look. */
  outbox(): OutboxState | undefined;
  /** How far the consumers are. */
  consumers: Bus['consumers'];
  /** Resolves when what is under way is done. */
  close(): Promise<void>;
}

/** Both shorter than the time for which a replica reserves an event (`outbox-relay.ts`). */
const PUBLISH_TIMEOUT_MS = 5000;
const CONFIRM_TIMEOUT_MS = 4000;

export function openEvents({ nats, pool, tracing, logger, ...options }: OpenEventsOptions): OpenEvents {
  const named = { ...nats, name: 'hokusai-keys', publishTimeoutMs: PUBLISH_TIMEOUT_MS };
  const bus = openBus({ ...named, tracing, logger });
  const audit = createServiceClient(services.audit, {
    ...options.audit,
    peer: 'audit service',
    timeoutMs: CONFIRM_TIMEOUT_MS,
  });
  const relay = startOutboxRelay({
    store: createOutboxStore(pool),
    publish: bus.publish,
    confirmStored: createConfirmation(audit),
    logger,
  });
  consumeLastUsed(bus, pool);
  return {
    wake: relay.wake,
    alarm: relay.alarm,
    deadLetters: bus.deadLetters,
    outbox: relay.state,
    consumers: bus.consumers,
    close: async () => {
      await relay.close();
      await bus.close();
      audit.close();
    },
  };
}
