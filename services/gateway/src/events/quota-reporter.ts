/** Limits that come near, as events of their keys: MLflow's client waits through a 429 without a word. */
import { type KeyEvent, keyEventSubject } from '@hokusai/contracts';
import type { KeyState } from '../domain/key-state.ts';
import type { NearQuota, QuotaReporter } from '../domain/ports.ts';
import { EventSender, type EventSenderOptions } from './event-sender.ts';

export interface RunningQuotaReporter extends QuotaReporter {
  /** Gives up what the broker has not acknowledged in `limitMs`. */
  close(limitMs: number): Promise<void>;
}

const SUBJECT = keyEventSubject('quota.near');
const WINDOW_SECONDS = 3600;

export function createQuotaReporter(options: EventSenderOptions): RunningQuotaReporter {
  const events = new EventSender<KeyEvent>(options, SUBJECT, () =>
    options.logger.warn('an event that a limit is near was dropped'),
  );
  return {
    near: (state, quota) => events.send(() => keyEventOf(state, quota)),
    close: (limitMs) => events.close(limitMs),
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
