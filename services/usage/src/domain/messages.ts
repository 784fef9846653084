/** What the usage stream brings, as far as storing it is concerned. */
import type { GatewayAnnouncement, UsageBatch, UsageRequest } from '@hokusai/contracts';
import { contains, type NumberSet, overlaps, withRange } from './number-ranges.ts';
import { believedMs } from './times.ts';

/** `receivedAt`: when the broker took the message. */
export type UsageMessage =
  | { kind: 'batch'; receivedAt: Date; batch: UsageBatch }
  | { kind: 'announcement'; receivedAt: Date; announcement: GatewayAnnouncement };

export type BatchMessage = Extract<UsageMessage, { kind: 'batch' }>;

/** Requests of a batch, and when each began, as far as its gateway's clock can be believed. */
export interface DatedBatch {
  incarnation: string;
  /** The numbers that are stored with it. */
  from: number;
  to: number;
  requests: readonly UsageRequest[];
  /** In milliseconds, one for each request. */
  startsMs: readonly number[];
}

export function datedBatch({ receivedAt, batch }: BatchMessage): DatedBatch {
  const { incarnation, from, to, requests } = batch;
  const receivedMs = receivedAt.getTime();
  const startsMs = requests.map(({ timestamp }) => believedMs(timestamp, receivedMs));
  return { incarnation, from, to, requests, startsMs };
}

/**
 * Of `batches` the requests that are not stored yet, each once, and the numbers that are stored with them.
 * Batches may be repeated, come in any order, and overlap.
 */
export function selectNew(
  batches: readonly DatedBatch[],
  stored: ReadonlyMap<string, NumberSet>,
): { selected: DatedBatch[]; stored: Map<string, NumberSet> } {
  const selected: DatedBatch[] = [];
  const after = new Map(stored);
  for (const batch of batches) {
    const known = after.get(batch.incarnation) ?? [];
    selected.push(overlaps(known, batch) ? without(batch, known) : batch);
    after.set(batch.incarnation, withRange(known, batch));
  }
  return { selected: selected.filter(({ requests }) => requests.length > 0), stored: after };
}

function without({ requests, startsMs, ...batch }: DatedBatch, known: NumberSet): DatedBatch {
  const isNew = requests.map(({ sequence }) => !contains(known, sequence));
  return {
    ...batch,
    requests: requests.filter((_request, index) => isNew[index]),
    startsMs: startsMs.filter((_startMs, index) => isNew[index]),
  };
}

/** How many requests have a time that is not the one which their gateway said. */
export function correctionsOf({ requests, startsMs }: DatedBatch): number {
  return requests.filter(({ timestamp }, index) => Date.parse(timestamp) !== startsMs[index]).length;
}
