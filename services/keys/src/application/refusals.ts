/** Refused operations, in the audit log before their caller learns of the refusal. */
import { type ErrorCode, HokusaiError, outlivingCall } from '@hokusai/contracts';
import type { Caller } from '../domain/actor.ts';
import type { KeyStore } from '../domain/ports.ts';
import type { RefusalFold, RefusalFolds } from '../domain/refusal-folds.ts';
import type { AuditEntry, EventFactory } from './events.ts';

/**
 * Errors that say no to the caller, or that something else came first; as opposed to those of our own, or of a
 * request that makes no sense.
 */
const OUTCOMES: ReadonlyMap<ErrorCode, 'refused' | 'failed'> = new Map([
  ['unauthenticated', 'refused'],
  ['permission_denied', 'refused'],
  ['not_found', 'refused'],
  ['unprocessable', 'refused'],
  ['conflict', 'failed'],
]);

/** Runs a management operation; its refusal goes to the audit log before the caller learns of it. */
export type AuditRefusals = <Result>(
  caller: Caller,
  attempt: Pick<AuditEntry, 'action' | 'target'>,
  operation: () => Promise<Result>,
) => Promise<Result>;

export interface AuditRefusalsDependencies {
  store: Pick<KeyStore, 'readKeys' | 'transaction'>;
  events: EventFactory;
  refusalFolds: RefusalFolds;
  /** Milliseconds; never runs backwards. */
  monotonic: () => number;
}

type Refusal = Pick<AuditEntry, 'action' | 'outcome' | 'target' | 'at'> & {
  caller: Caller;
  userId: string | null;
  reason: string;
};

/**
 * The first refusal of an acting key, an action and a reason is told at once; those of the minute after it are one
 * more event, which counts them in the database until the minute is over: the count outlives this process.
 */
export function createAuditRefusals(dependencies: AuditRefusalsDependencies): AuditRefusals {
  const { store, refusalFolds, monotonic } = dependencies;

  /** However short a time its caller has left for the call, a refusal stands in the log. */
  async function tell(refusal: Refusal): Promise<void> {
    const { caller, action, reason, target } = refusal;
    const attempt = { action, reason, targetId: target?.id ?? null, clientIp: caller.clientIp };
    const nowMs = monotonic();
    const fold = refusalFolds.join({ actingKeyId: caller.actingKeyId, ...attempt }, nowMs);
    await outlivingCall(() => {
      if (fold) return tellWithOthers(dependencies, fold, refusal, fold.untilMs - nowMs);
      return store.transaction((tx) => tx.addEvents([eventOf(dependencies.events, refusal)]));
    });
  }

  return async (caller, { action, target }, operation) => {
    try {
      return await operation();
    } catch (error) {
      if (!(error instanceof HokusaiError)) throw error;
      const outcome = OUTCOMES.get(error.code);
      if (outcome === undefined) throw error;
      const keyIds = [caller.actingKeyId, ...(target?.type === 'key' ? [target.id] : [])];
      const { now, get } = await store.readKeys(keyIds);
      await tell({
        ...{ action, outcome, at: now, caller, reason: error.reason ?? error.code },
        userId: get(caller.actingKeyId)?.owner.userId ?? null,
        target: target && withOwner(target, get(target.id)?.owner.userId),
      });
      throw error;
    }
  };
}

async function tellWithOthers(
  { store, events }: AuditRefusalsDependencies,
  fold: RefusalFold,
  refusal: Refusal,
  holdMs: number,
): Promise<void> {
  const { hasOneTarget, hasOneAddress } = fold;
  const event = eventOf(events, {
    ...refusal,
    target: hasOneTarget ? refusal.target : null,
    caller: hasOneAddress ? refusal.caller : { ...refusal.caller, clientIp: '', userAgent: '' },
  });
  const heldId = await fold.event;
  if (heldId && (await store.transaction((tx) => tx.countWithHeld(heldId, event)))) return;
  const holding = store.transaction((tx) => tx.holdEvent(event, holdMs));
  fold.event = holding.then(
    () => event.id,
    () => null,
  );
  await holding;
}

function eventOf(events: EventFactory, { caller, userId, ...refusal }: Refusal) {
  return events.audit({ ...refusal, by: { via: 'gateway', caller, userId } });
}

/** Who may see what was tried on their key. */
function withOwner(target: NonNullable<AuditEntry['target']>, ownerUserId: string | undefined) {
  return ownerUserId === undefined ? target : { ...target, ownerUserId };
}
