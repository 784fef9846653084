import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  continueInquiry,
  isAnswered,
  type KnownGateway,
  openInquiry,
  type RevocationPoint,
  type Roster,
  receiptOf,
} from './receipt.ts';

const at = (ms: number) => new Date(1_000_000 + ms);
const point: RevocationPoint = { epoch: 'e1', xid: 100n, readAt: at(0), revokedBeforeAt: null };

function gateway(change: Partial<KnownGateway> = {}): KnownGateway {
  return {
    ...{ incarnation: 'i', gateway: 'g', trustMs: 65_000, lastPingAt: at(-500), epoch: 'e1' },
    ...{ appliedCut: 100n, leftAt: null },
    ...change,
  };
}

function roster(gateways: KnownGateway[], change: Partial<Roster> = {}): Roster {
  return { readAt: at(3), epochSince: null, gateways, ...change };
}

const acknowledging = gateway({ appliedCut: 101n, lastPingAt: at(30) });
const receipt = (...looks: Roster[]) => {
  const [first, ...later] = looks;
  assert.ok(first);
  return receiptOf(later.reduce(continueInquiry, openInquiry(point, first)));
};

describe('a receipt', () => {
  it('is complete and effective at the commit where there is no gateway', () => {
    const inquiry = openInquiry(point, roster([]));
    assert.ok(isAnswered(inquiry));
    assert.deepEqual(receiptOf(inquiry), {
      ...{ committedAt: at(0), gateways: [], effectiveNoLaterThan: at(0), isComplete: true },
    });
  });

  it('has a gateway that applied a cut above the transaction as acknowledged, with its lag', () => {
    const inquiry = openInquiry(point, roster([gateway()]));
    assert.ok(!isAnswered(inquiry));
    const answered = continueInquiry(inquiry, roster([acknowledging]));
    assert.ok(isAnswered(answered));
    const { gateways, effectiveNoLaterThan } = receiptOf(answered);
    assert.deepEqual(gateways, [
      { incarnation: 'i', gateway: 'g', status: 'acknowledged', lagMs: 30, fencedBy: null },
    ]);
    assert.deepEqual(effectiveNoLaterThan, at(30));
  });

  it('takes no cut of another epoch for an answer, however high', () => {
    for (const epoch of ['', 'e0', 'e2'])
      assert.ok(!isAnswered(openInquiry(point, roster([gateway({ epoch, appliedCut: 999n })]))));
  });

  it('keeps what was answered once', () => {
    const resumed = gateway({ appliedCut: 0n, epoch: 'e2', lastPingAt: at(900) });
    const { gateways } = receipt(roster([acknowledging]), roster([resumed]), roster([]));
    assert.deepEqual([gateways[0]?.status, gateways[0]?.lagMs], ['acknowledged', 30]);
    const left = receipt(roster([gateway({ leftAt: at(9) })]), roster([gateway()]));
    assert.equal(left.gateways[0]?.status, 'left');
  });

  it('fences a silent gateway from the look after the commit on, by all of its trust', () => {
    const { gateways, effectiveNoLaterThan } = receipt(
      roster([gateway(), { ...acknowledging, incarnation: 'j' }]),
    );
    assert.deepEqual(gateways[0], {
      ...{ incarnation: 'i', gateway: 'g', status: 'silent', lagMs: null, fencedBy: at(65_003) },
    });
    assert.deepEqual(effectiveNoLaterThan, at(65_003));
  });

  it('lists who may have held trust at the commit, and nobody else', () => {
    const held = [
      gateway({ incarnation: 'just in time', lastPingAt: at(-65_000) }),
      gateway({ incarnation: 'left later', leftAt: at(1) }),
    ];
    const others = [
      gateway({ incarnation: 'long silent', lastPingAt: at(-65_001) }),
      gateway({ incarnation: 'left before', leftAt: at(0) }),
    ];
    const { gateways } = receipt(roster([...held, ...others]));
    assert.deepEqual(
      gateways.map(({ incarnation, status }) => [incarnation, status]),
      [
        ['just in time', 'silent'],
        ['left later', 'left'],
      ],
    );
  });

  it('waits for nobody who came after the commit', () => {
    const { gateways } = receipt(roster([]), roster([gateway({ incarnation: 'new' })]));
    assert.deepEqual(gateways, []);
  });

  it('is incomplete for as long after a change of the epoch as gateways may trust', () => {
    const since = (ms: number, trustMs = 0) =>
      receipt(roster([{ ...acknowledging, trustMs }], { epochSince: at(ms) }));
    assert.equal(since(-65_000).isComplete, false);
    assert.deepEqual(since(-5000).effectiveNoLaterThan, at(60_000));
    assert.equal(since(-65_001).isComplete, true);
    assert.equal(since(-65_001, 90_000).isComplete, false);
    assert.equal(since(500).isComplete, false);
  });

  it('learns of a restart during the wait', () => {
    const restarted = roster([gateway({ epoch: 'e2', appliedCut: 500n })], { epochSince: at(800) });
    const { gateways, isComplete, effectiveNoLaterThan } = receipt(roster([gateway()]), restarted);
    assert.equal(gateways[0]?.status, 'silent');
    assert.ok(!isComplete);
    assert.deepEqual(effectiveNoLaterThan, at(65_800));
  });

  it('of a key that was revoked before names that time, and no lags', () => {
    const before = { ...point, revokedBeforeAt: at(-9000) };
    const { committedAt, gateways } = receiptOf(openInquiry(before, roster([acknowledging])));
    assert.deepEqual(committedAt, at(-9000));
    assert.deepEqual([gateways[0]?.status, gateways[0]?.lagMs], ['acknowledged', null]);
  });
});

describe('any receipt', () => {
  const anyGateway = fc.record({
    incarnation: fc.constantFrom('a', 'b', 'c'),
    gateway: fc.constant('g'),
    trustMs: fc.nat(100_000),
    lastPingAt: fc.integer({ min: -200_000, max: 100 }).map(at),
    epoch: fc.constantFrom('e1', 'e2'),
    appliedCut: fc.bigInt(98n, 103n),
    leftAt: fc.option(fc.integer({ min: -1000, max: 100 }).map(at)),
  });
  const gateways = fc.uniqueArray(anyGateway, { selector: ({ incarnation }) => incarnation });
  const epochSince = fc.option(fc.integer({ min: -200_000, max: 100 }).map(at));
  const looks = fc.array(fc.record({ readAt: fc.nat(100).map(at), epochSince, gateways }), { minLength: 1 });

  it('answers for each gateway that may serve the key, and promises no time before the last of their ends', () => {
    fc.assert(
      fc.property(looks, (rosters) => {
        const [first] = rosters;
        assert.ok(first);
        const { gateways: listed, effectiveNoLaterThan, committedAt } = receipt(...rosters);
        assert.ok(effectiveNoLaterThan >= committedAt);
        const byId = new Map(listed.map((each) => [each.incarnation, each]));
        for (const { incarnation, lastPingAt, trustMs, leftAt } of first.gateways) {
          const trustEndsMs = lastPingAt.getTime() + trustMs;
          if (trustEndsMs < at(0).getTime() || (leftAt && leftAt <= at(0))) continue;
          const answer = byId.get(incarnation);
          assert.ok(answer, `${incarnation} is listed`);
          assert.equal(answer.fencedBy !== null, answer.status === 'silent');
          if (answer.fencedBy) {
            assert.ok(answer.fencedBy.getTime() >= first.readAt.getTime() + trustMs);
            assert.ok(effectiveNoLaterThan >= answer.fencedBy);
          }
          const hasApplied = rosters.some(({ gateways: all }) =>
            all.some((one) => one.incarnation === incarnation && one.epoch === 'e1' && one.appliedCut > 100n),
          );
          assert.equal(answer.status === 'acknowledged', hasApplied);
        }
      }),
    );
  });

  it('is no less certain after another look', () => {
    fc.assert(
      fc.property(
        looks,
        fc.record({ readAt: fc.nat(100).map(at), epochSince, gateways }),
        (rosters, more) => {
          const statuses = (all: Roster[]) => receipt(...all).gateways.map(({ status }) => status);
          const after = statuses([...rosters, more]);
          statuses(rosters).forEach((status, index) => {
            if (status !== 'silent') assert.notEqual(after[index], 'silent');
          });
        },
      ),
    );
  });
});
