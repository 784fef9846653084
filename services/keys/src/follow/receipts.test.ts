import assert from 'node:assert/strict';
import { systemClock } from '@hokusai/service-kit';
import type { KnownGateway, RevocationPoint, Roster } from '../domain/receipt.ts';
import { Receipts } from './receipts.ts';

const now = new Date(1_000_000);
const point: RevocationPoint = { epoch: 'e', xid: 10n, readAt: now, revokedBeforeAt: null };
const silent: KnownGateway = {
  ...{ incarnation: 'i', gateway: 'g', trustMs: 65_000, lastPingAt: now, epoch: 'e' },
  ...{ appliedCut: 10n, leftAt: null },
};
const acknowledging = { ...silent, appliedCut: 11n };
const roster = (...gateways: KnownGateway[]): Roster => ({ readAt: now, epochSince: null, gateways });
const never = new AbortController().signal;
/** Far beyond what a test may take. */
const FOREVER_MS = 3_600_000;

/** Reads that the test answers. */
class ManualReads {
  readonly pending: PromiseWithResolvers<Roster>[] = [];
  count = 0;

  readonly read = (): Promise<Roster> => {
    const answer = Promise.withResolvers<Roster>();
    this.pending.push(answer);
    this.count += 1;
    return answer.promise;
  };

  async next(): Promise<PromiseWithResolvers<Roster>> {
    for (;;) {
      const first = this.pending.shift();
      if (first) return first;
      await new Promise(setImmediate);
    }
  }
}

describe('waiting for receipts', () => {
  let reads: ManualReads;
  const receiptsFor = (limitMs: number) =>
    new Receipts({ readRoster: reads.read, clock: systemClock, limitMs });

  beforeEach(() => {
    reads = new ManualReads();
  });

  it('ends with the look that finds the last answer, at a word of it', async () => {
    const receipts = receiptsFor(FOREVER_MS);
    const waiting = receipts.waitFor(point, never);
    (await reads.next()).resolve(roster(silent));
    await new Promise(setImmediate);
    const startedAt = performance.now();
    receipts.wake();
    (await reads.next()).resolve(roster(acknowledging));
    assert.ok(performance.now() - startedAt < 200, 'well before the next look without a word');
    assert.equal((await waiting).gateways[0]?.status, 'acknowledged');
    assert.equal(reads.count, 2);
  });

  it('misses no word that comes during a look', async () => {
    const receipts = receiptsFor(FOREVER_MS);
    const waiting = receipts.waitFor(point, never);
    const first = await reads.next();
    receipts.wake();
    const startedAt = performance.now();
    first.resolve(roster(silent));
    (await reads.next()).resolve(roster(acknowledging));
    assert.ok(performance.now() - startedAt < 200);
    await waiting;
  });

  it('looks now and then without a word', async () => {
    const waiting = receiptsFor(FOREVER_MS).waitFor(point, never);
    (await reads.next()).resolve(roster(silent));
    (await reads.next()).resolve(roster(acknowledging));
    await waiting;
  });

  it('goes on after a look that failed', async () => {
    const waiting = receiptsFor(FOREVER_MS).waitFor(point, never);
    (await reads.next()).reject(new Error('away'));
    (await reads.next()).resolve(roster(acknowledging));
    assert.equal((await waiting).gateways.length, 1);
  });

  it('ends at the limit, also while a look hangs', async () => {
    const waiting = receiptsFor(2000).waitFor(point, never);
    (await reads.next()).resolve(roster(silent));
    await reads.next();
    assert.equal((await waiting).gateways[0]?.status, 'silent');
  });

  it('ends when the caller has gone', async () => {
    const gone = new AbortController();
    const waiting = receiptsFor(FOREVER_MS).waitFor(point, gone.signal);
    (await reads.next()).resolve(roster(silent));
    await new Promise(setImmediate);
    gone.abort();
    assert.equal((await waiting).gateways[0]?.status, 'silent');
    assert.equal(reads.count, 1);
  });

  it('fails where nothing could be read', async () => {
    await assert.rejects(receiptsFor(50).waitFor(point, never), { reason: 'receipt_unavailable' });
  });

  it('reads once for all who wait, but never before the commit of one of them', async () => {
    const receipts = receiptsFor(FOREVER_MS);
    const first = receipts.waitFor(point, never);
    const hanging = await reads.next();
    const others = [receipts.waitFor(point, never), receipts.waitFor(point, never)];
    hanging.resolve(roster(acknowledging));
    await first;
    (await reads.next()).resolve(roster(acknowledging));
    await Promise.all(others);
    assert.equal(reads.count, 2);
  });
});
