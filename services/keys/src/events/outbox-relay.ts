/**
 * Brings the outbox's events to the broker, and sees to it that the audit log has stored what is its own.
 *
 * Several replicas share the work. What an event is about (a key, a user) decides its order: the events of
 * one key go to a stream one after the other, each after the one before was acknowledged. Only an event
 * that got lost between broker and log comes late, when it is sent again.
 */
import { HokusaiError } from '@hokusai/contracts';
import { type Bus, type Logger, repeat } from '@hokusai/service-kit';
import {
  FIRST_QUESTION_MS,
  isHeld,
  messageIdOf,
  needsConfirmation,
  PARKED_QUESTION_INTERVAL_MS,
  QUESTION_INTERVAL_MS,
  verdictOn,
} from './outbox-rules.ts';
import type { OutboxEvent, OutboxState, OutboxStore, SentEvent, StoredEvent } from './outbox-store.ts';

export interface OutboxRelayOptions {
  store: OutboxStore;
  /** Resolves when the broker has acknowledged. Throws `invalid_request` for what it will never take. */
  publish: Bus['publish'];
  /** Asks the audit log which of these events are committed there. */
  confirmStored: (ids: readonly string[]) => Promise<StoredEvent[]>;
  logger: Logger;
}

export interface OutboxRelay {
  /** There is something new in the outbox. */
  wake(): void;
  /** In a few words what needs a person; undefined: nothing does, as far as is known. */
  alarm(): string | undefined;
  /** As it was looked at last; undefined before the first look. */
  state(): OutboxState | undefined;
  /** Resolves when what is under way is done. */
  close(): Promise<void>;
}

const PUBLISH_BATCH = 100;
const CONFIRM_BATCH = 500;
/** Longer than a publication may take, so that no other replica does the same meanwhile. */
const PUBLISH_LEASE_MS = 15_000;
const INTERVAL_MS = 1000;
const WATCH_INTERVAL_MS = 10_000;

export function startOutboxRelay({ store, publish, confirmStored, logger }: OutboxRelayOptions): OutboxRelay {
  const common = { retryMs: INTERVAL_MS, logger };
  const confirming = repeat({
    ...common,
    name: 'asking the audit log for its events',
    idleMs: INTERVAL_MS,
    turn: () => confirmTurn({ store, confirmStored, logger }),
  });
  const publishing = repeat({
    ...common,
    name: 'publishing events',
    idleMs: INTERVAL_MS,
    turn: () => publishTurn({ store, publish, logger }),
  });
  const watch = createWatch(logger);
  let state: OutboxState | undefined;
  const watching = repeat({
    ...common,
    name: 'watching the outbox',
    idleMs: WATCH_INTERVAL_MS,
    turn: async () => {
      state = await store.readState();
      watch(state);
      return false;
    },
  });
  return {
    wake: () => publishing.wake(),
    alarm: () => state && alarmOf(state),
    state: () => state,
    close: async () => {
      await Promise.all([publishing.close(), confirming.close(), watching.close()]);
    },
  };
}

/** True if there may be more. Throws the first error if something could not be sent. */
async function publishTurn({
  store,
  publish,
  logger,
}: Omit<OutboxRelayOptions, 'confirmStored'>): Promise<boolean> {
  const events = await store.claimUnsent(PUBLISH_BATCH, PUBLISH_LEASE_MS);
  if (events.length === 0) return false;
  const outcomes = await Promise.allSettled(
    events.map(({ id, subject, payload, traceparent, sendings }) => {
      const traceparents = traceparent === null ? [] : [traceparent];
      return publish(subject, Buffer.from(payload), messageIdOf(id, sendings), traceparents);
    }),
  );
  const sent: OutboxEvent[] = [];
  const unsent: OutboxEvent[] = [];
  let failure: unknown;
  for (const [index, outcome] of outcomes.entries()) {
    const event = events[index] as OutboxEvent;
    if (outcome.status === 'fulfilled') sent.push(event);
    else if (isRefusedForGood(outcome.reason)) await park(store, logger, [event.id], outcome.reason.message);
    else {
      unsent.push(event);
      failure ??= outcome.reason;
    }
  }
  const [toConfirm, done] = partition(sent, ({ subject }) => needsConfirmation(subject));
  if (toConfirm.length > 0) await store.markSent(idsOf(toConfirm), FIRST_QUESTION_MS);
  if (done.length > 0) await store.remove(idsOf(done));
  if (unsent.length > 0) await store.release(idsOf(unsent));
  if (failure !== undefined) throw failure;
  return true;
}

/** True if there is more to ask for now. */
async function confirmTurn({
  store,
  confirmStored,
  logger,
}: Omit<OutboxRelayOptions, 'publish'>): Promise<boolean> {
  const claimed = await store.claimSent(CONFIRM_BATCH, QUESTION_INTERVAL_MS, PARKED_QUESTION_INTERVAL_MS);
  const [held, events] = partition(claimed, isHeld);
  if (held.length > 0) await store.resend(idsOf(held));
  if (events.length === 0) return claimed.length === CONFIRM_BATCH;
  const asked = new Set(idsOf(events));
  const stored = (await confirmStored([...asked])).filter(({ id }) => asked.has(id));
  if (stored.length > 0) await store.settle(stored);
  const known = new Set(idsOf(stored));
  await treatMissing(
    store,
    logger,
    events.filter(({ id }) => !known.has(id)),
  );
  return claimed.length === CONFIRM_BATCH;
}

async function treatMissing(
  store: OutboxStore,
  logger: Logger,
  missing: readonly SentEvent[],
): Promise<void> {
  const open = missing.filter(({ isParked }) => !isParked);
  const those = (verdict: string) =>
    idsOf(open.filter(({ sentAgoMs, sendings }) => verdictOn(sentAgoMs, sendings) === verdict));
  const [lost, hopeless] = [those('resend'), those('park')];
  if (lost.length > 0) {
    logger.warn({ events: lost }, 'the audit log has not stored these events: sending them again');
    await store.resend(lost);
  }
  if (hopeless.length > 0) {
    await park(store, logger, hopeless, 'sent five times, and the audit log has not stored it');
  }
}

async function park(
  store: OutboxStore,
  logger: Logger,
  ids: readonly string[],
  reason: string,
): Promise<void> {
  await store.park(ids, reason);
  logger.error({ events: ids, reason }, 'events are parked in the outbox: they need a person');
}

const REMINDER_INTERVAL_MS = 10 * 60_000;
const LATE_MS = 60_000;

function alarmOf({ parked, oldestUnsentMs }: OutboxState): string | undefined {
  const problems = [
    ...(parked > 0 ? [`${parked} events are parked in the outbox and need a person`] : []),
    ...(oldestUnsentMs !== null && oldestUnsentMs >= LATE_MS
      ? [`the oldest event in the outbox has waited for ${Math.round(oldestUnsentMs / 1000)} s`]
      : []),
  ];
  return problems.length > 0 ? problems.join('; ') : undefined;
}

/** Keeps reminding of what is parked, and of a backlog. */
function createWatch(logger: Logger): (state: OutboxState) => void {
  let silentTurns = Number.POSITIVE_INFINITY;
  return ({ parked, oldestUnsentMs }) => {
    const isLate = oldestUnsentMs !== null && oldestUnsentMs >= LATE_MS;
    if (parked === 0 && !isLate) {
      silentTurns = Number.POSITIVE_INFINITY;
      return;
    }
    silentTurns += 1;
    if (silentTurns * WATCH_INTERVAL_MS < REMINDER_INTERVAL_MS) return;
    silentTurns = 0;
    if (parked > 0) logger.error({ parked }, 'events are parked in the outbox: they need a person');
    if (isLate) logger.warn({ oldestUnsentMs }, 'events have waited in the outbox for long');
  };
}

function isRefusedForGood(error: unknown): error is HokusaiError {
  return error instanceof HokusaiError && error.code === 'invalid_request';
}

function partition<Item>(items: readonly Item[], accepts: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(accepts), items.filter((item) => !accepts(item))];
}

function idsOf(items: readonly { id: string }[]): string[] {
  return items.map(({ id }) => id);
}
