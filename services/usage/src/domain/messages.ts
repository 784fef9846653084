/** What the usage stream brings, as far as storing it is concerned. */
import type { GatewayAnnouncement, UsageBatch } from '@hokusai/contracts';
import { missingIn, type NumberSet, withRange } from './number-ranges.ts';

/** `receivedAt`: when the broker took the message. */
export type UsageMessage =
  | { kind: 'batch'; receivedAt: Date; batch: UsageBatch }
  | { kind: 'announcement'; receivedAt: Date; announcement: GatewayAnnouncement };

export type BatchMessage = Extract<UsageMessage, { kind: 'batch' }>;

/** Of a batch, what tells whether it is stored. */
export type NumberedBatch = Pick<UsageBatch, 'incarnation' | 'from' | 'to'>;

/** A batch, and those of its numbers that are to be stored: at least one. */
export interface Selected<Batch> {
  batch: Batch;
  numbers: NumberSet;
}

/**
 * Of `batches` the numbers that are not stored yet, each once, and what is stored with them. Batches may be repeated,
 * come in any order, and overlap.
 */
export function selectNew<Batch extends NumberedBatch>(
  batches: readonly Batch[],
  stored: ReadonlyMap<string, NumberSet>,
): { selected: Selected<Batch>[]; stored: Map<string, NumberSet> } {
  const selected: Selected<Batch>[] = [];
  const after = new Map(stored);
  for (const batch of batches) {
    const known = after.get(batch.incarnation) ?? [];
    const numbers = missingIn(known, batch);
    if (numbers.length > 0) selected.push({ batch, numbers });
    after.set(batch.incarnation, withRange(known, batch));
  }
  return { selected, stored: after };
}
