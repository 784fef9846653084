import { type ErrorCode, HokusaiError, outlivingCall } from '@hokusai/contracts';
import type { Caller } from '../domain/actor.ts';
import type { KeyStore } from '../domain/ports.ts';
import type { AuditEntry, EventFactory } from './events.ts';

/** Errors that say no to the caller, as opposed to those of our own or of a request that makes no sense. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set([
  'unauthenticated',
  'permission_denied',
  'not_found',
  'unprocessable',
]);

/** Runs a management operation; its refusal goes to the audit log before the caller learns of it. */
export type AuditRefusals = <Result>(
  caller: Caller,
  attempt: Pick<AuditEntry, 'action' | 'target'>,
  operation: () => Promise<Result>,
) => Promise<Result>;

export function createAuditRefusals(
  store: Pick<KeyStore, 'readKeys' | 'transaction'>,
  events: EventFactory,
): AuditRefusals {
  return async (caller, attempt, operation) => {
    try {
      return await operation();
    } catch (error) {
      if (!(error instanceof HokusaiError) || !REFUSALS.has(error.code)) throw error;
      const { now, get } = await store.readKeys([caller.actingKeyId]);
      const userId = get(caller.actingKeyId)?.owner.userId ?? null;
      const event = events.audit({
        ...attempt,
        outcome: 'refused',
        at: now,
        by: { via: 'gateway', caller, userId },
        reason: error.reason ?? error.code,
      });
      // However short a time its caller has left for the call, a refusal stands in the log.
      await outlivingCall(() => store.transaction((tx) => tx.addEvents([event])));
      throw error;
    }
  };
}
