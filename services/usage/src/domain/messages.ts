/** What the usage stream brings, as far as storing it is concerned. */
import type { GatewayAnnouncement, UsageBatch, UsageRequest } from '@hokusai/contracts';
import { contains, type NumberSet, withRange } from './number-ranges.ts';

/** `receivedAt`: when the broker took the message. */
export type UsageMessage =
  | { kind: 'batch'; receivedAt: Date; batch: UsageBatch }
  | { kind: 'announcement'; receivedAt: Date; announcement: GatewayAnnouncement };

export interface NumberedRequest extends UsageRequest {
  incarnation: string;
}

/**
 * The requests of `batches` that are not stored yet, each once, and the numbers that are stored with
 * them. Batches may be repeated, come in any order, and overlap.
 */
export function selectNew(
  batches: readonly UsageBatch[],
  stored: ReadonlyMap<string, NumberSet>,
): { requests: NumberedRequest[]; stored: Map<string, NumberSet> } {
  const requests: NumberedRequest[] = [];
  const after = new Map(stored);
  for (const { incarnation, from, to, requests: all } of batches) {
    const known = after.get(incarnation) ?? [];
    for (const request of all)
      if (!contains(known, request.sequence)) requests.push({ ...request, incarnation });
    after.set(incarnation, withRange(known, { from, to }));
  }
  return { requests, stored: after };
}
