/**
 * A randomised model of revocations that wait: transactions that commit out of order, replicas that are slow
 * between recording, looking and telling, gateways that lag, are silent, leave, come anew or resume at another
 * replica, a database that restarts or is restored, with what it knew of gateways.
 *
 * What must hold of any receipt, whenever it is given: no gateway that it calls acknowledged or left lets in a
 * request of the key afterwards; a silent one does until its fence at the latest; nobody else does, if it is
 * complete; and nobody at all after `effectiveNoLaterThan`. The last tests break one rule each and see the model
 * find it.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { GRACE_MS, STALE_MS } from '../../test/support/model/gateway.ts';
import {
  type Event,
  type Faults,
  noOccurrences,
  ReceiptWorld,
} from '../../test/support/model/receipt-world.ts';
import type { Roster } from '../domain/receipt.ts';

const upTo = (max: number) => fc.noBias(fc.nat({ max }));
const delayMs = fc.oneof(
  { weight: 40, arbitrary: upTo(80) },
  { weight: 2, arbitrary: upTo(STALE_MS) },
  { weight: 1, arbitrary: upTo(STALE_MS + GRACE_MS) },
);
const events: fc.Arbitrary<Event[]> = fc.array(fc.tuple(upTo(99), upTo(1023), delayMs), {
  ...{ minLength: 200, maxLength: 400, size: 'max' },
});

function search(faults: Faults, numRuns: number) {
  const occurrences = noOccurrences();
  const { failed, errorInstance } = fc.check(
    fc.property(events, (sequence) => new ReceiptWorld(faults, occurrences).run(sequence)),
    { numRuns, endOnFailure: true },
  );
  return { failed, errorInstance, occurrences };
}

const withGateways = (
  roster: Roster,
  change: (gateway: Roster['gateways'][number]) => Partial<Roster['gateways'][number]>,
): Roster => ({
  ...roster,
  gateways: roster.gateways.map((gateway) => ({ ...gateway, ...change(gateway) })),
});

describe('receipts', function () {
  this.timeout(60_000);

  it('promise nothing that a gateway does not keep', () => {
    const { failed, errorInstance, occurrences } = search({}, 1500);
    assert.equal(failed, false, String(errorInstance));
    const seldom = Object.entries(occurrences).filter(([, count]) => count < 20);
    assert.deepEqual(seldom, [], 'the model must get there');
  });

  const faults: [string, Faults][] = [
    [
      'a cut that has just reached the transaction counts as an answer',
      { rosterIsDishonest: (roster) => withGateways(roster, (one) => ({ appliedCut: one.appliedCut + 1n })) },
    ],
    [
      'a cut of another epoch counts as an answer',
      { rosterIsDishonest: (roster, { epoch }) => withGateways(roster, () => ({ epoch })) },
    ],
    [
      'the fence is reckoned from the transaction, not from a look after its commit',
      { rosterIsDishonest: (roster, { readAt }) => ({ ...roster, readAt }) },
    ],
    [
      'a gateway is taken to hold no trust in its grace',
      { rosterIsDishonest: (roster) => withGateways(roster, () => ({ trustMs: STALE_MS })) },
    ],
    [
      'a new epoch is taken for the only one',
      { rosterIsDishonest: (roster) => ({ ...roster, epochSince: null }) },
    ],
    ['followers stand in the database only once they have answered', { recordsWhoAnswered: true }],
    [
      'the cut is what has begun, not what no longer runs',
      { lookIsDishonest: (look, { nextXid }) => ({ ...look, cut: nextXid }) },
    ],
  ];
  for (const [name, fault] of faults) {
    it(`are broken where ${name}`, () => {
      assert.equal(search(fault, 20_000).failed, true);
    });
  }
});
