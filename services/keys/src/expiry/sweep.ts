/** One batch of what is due: keys are deactivated or their expiry is announced, with the events of it. */
import type { ExpiryNotice } from '@hokusai/contracts';
import type { EventFactory } from '../application/events.ts';
import { dueStep } from '../domain/expiry.ts';
import type { ExpiryStore, ExpiryTransaction } from '../domain/expiry-ports.ts';
import type { Key } from '../domain/key.ts';
import type { OutboxEvent } from '../domain/ports.ts';

export interface SweepDependencies {
  store: ExpiryStore;
  events: EventFactory;
}

export interface Swept {
  deactivated: number;
  announced: number;
  /** True if the batch was full: there may be more that is due. */
  hasMore: boolean;
}

/** The locks of a batch are held for some 50 ms. */
const BATCH = 100;

/** null if another replica is at it. Throws `unavailable`. */
export function sweep({ store, events }: SweepDependencies): Promise<Swept | null> {
  return store.ifAlone(async (tx) => {
    const ids = await tx.takeDue(BATCH);
    if (ids.length === 0) return { deactivated: 0, announced: 0, hasMore: false };
    const { expired, announced } = await sort(tx, ids);
    const happened = [
      ...(await deactivate(tx, events, expired)),
      ...announced.map(({ key, notice, at }) => events.key('expiring', key, at, notice)),
    ];
    if (happened.length > 0) await tx.addEvents(happened);
    return { deactivated: expired.length, announced: announced.length, hasMore: ids.length === BATCH };
  });
}

interface Announcement {
  key: Key;
  notice: ExpiryNotice;
  at: Date;
}

/** Decides on each key, and schedules what comes after its announcement. */
async function sort(tx: ExpiryTransaction, ids: readonly string[]) {
  const { now, get } = await tx.readKeys(ids);
  const expired: string[] = [];
  const announced: Announcement[] = [];
  const next: { keyId: string; dueAt: Date }[] = [];
  for (const id of ids) {
    const key = get(id)?.key;
    // The database lets no step be due without an expiry.
    if (!key?.expiresAt) throw new Error(`key ${id} has no expiry although a step of it is due`);
    const step = dueStep(key.expiresAt, now);
    if (step.kind === 'deactivate') expired.push(id);
    else next.push({ keyId: id, dueAt: step.nextDueAt });
    if (step.kind === 'announce' && step.notice) announced.push({ key, notice: step.notice, at: now });
  }
  if (next.length > 0) await tx.scheduleSteps(next);
  return { expired, announced };
}

async function deactivate(
  tx: ExpiryTransaction,
  events: EventFactory,
  ids: readonly string[],
): Promise<OutboxEvent[]> {
  if (ids.length === 0) return [];
  await tx.deactivateKeys(ids);
  const { now, get } = await tx.readKeys(ids);
  return ids.flatMap((id) => {
    const key = get(id)?.key;
    if (!key) throw new Error('a key vanished while it was locked');
    return [auditOf(events, key, now), events.key('expired', key, now)];
  });
}

function auditOf(events: EventFactory, { id, userId }: Key, at: Date): OutboxEvent {
  return events.audit({
    action: 'key.expired',
    outcome: 'success',
    at,
    by: { via: 'sweeper' },
    target: { type: 'key', id, ownerUserId: userId },
    before: { is_active: true },
    after: { is_active: false },
  });
}
