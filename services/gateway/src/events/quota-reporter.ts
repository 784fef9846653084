/** Limits that come near, as events of their keys: MLflow's client waits through a 429 without a word. */
import { cloudEvent, type KeyEvent, keyEventSubject } from '@hokusai/contracts';
import type { Bus, Clock, Logger } from '@hokusai/service-kit';
import type { KeyState } from '../domain/key-state.ts';
import type { NearQuota, QuotaReporter } from '../domain/ports.ts';
import { MemoryBuffer } from './message-buffer.ts';
import { Publisher } from './publisher.ts';
import type { Timers } from './timers.ts';

export interface QuotaReporterOptions {
  bus: Pick<Bus, 'publish'>;
  /** Name of this gateway, shown to people. */
  gateway: string;
  randomUuid: () => string;
  clock: Clock;
  timers: Timers;
  logger: Logger;
}

export interface RunningQuotaReporter extends QuotaReporter {
  /** Gives up what the broker has not acknowledged in `limitMs`. */
  close(limitMs: number): Promise<void>;
}

/** Each limit tells once an hour at most. */
const MAX_BUFFERED_EVENTS = 5000;
const SUBJECT = keyEventSubject('quota.near');
const WINDOW_SECONDS = 3600;

export function createQuotaReporter(options: QuotaReporterOptions): RunningQuotaReporter {
  const { bus, gateway, randomUuid, clock, timers, logger } = options;
  const publisher = new Publisher({
    bus,
    timers,
    logger,
    buffer: new MemoryBuffer(MAX_BUFFERED_EVENTS),
    onDropped: () => logger.warn('an event that a limit is near was dropped'),
  });
  return {
    near: (state, quota) => {
      const id = randomUuid();
      const source = `/hokusai/gateway/${gateway.slice(0, 128)}`;
      const time = new Date(clock.now());
      const event = cloudEvent({ id, source, subject: SUBJECT, time, data: keyEventOf(state, quota) });
      publisher.send({ subject: SUBJECT, id, payload: Buffer.from(JSON.stringify(event)), weight: 1 });
    },
    close: (limitMs) => publisher.close(limitMs),
  };
}

function keyEventOf(state: KeyState, { policy, limit, used }: NearQuota): KeyEvent {
  const current = state.acceptedSecrets.find(({ validUntilMs }) => validUntilMs === null);
  return {
    key_id: state.keyId,
    key_prefix: current?.keyPrefix ?? '',
    name: state.name,
    environment: state.environment,
    user_id: state.owner.userId,
    version: String(state.version),
    is_active: state.isActive,
    expires_at: state.expiresAtMs === null ? null : new Date(state.expiresAtMs).toISOString(),
    quota: { policy, limit, used, window_seconds: WINDOW_SECONDS },
  };
}
