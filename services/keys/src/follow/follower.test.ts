import assert from 'node:assert/strict';
import { Follower, type Look, lowestCut, type Position, type Reset, type Tick } from './follower.ts';

const KEY_A = '00000000-0000-4000-8000-00000000000a';
const KEY_B = '00000000-0000-4000-8000-00000000000b';

function newFollower(resumeAfter?: Position): Follower {
  return new Follower({ incarnation: 'i', gateway: 'g', trustMs: 65_000, resumeAfter });
}

function look(cut: bigint, changes: [xid: bigint, keyId: string, version: bigint][] = []): Look {
  return {
    epoch: 'e1',
    cut,
    readAt: new Date(0),
    trimmedBelow: 0n,
    changes: changes.map(([xid, keyId, version]) => ({ xid, keyId, version })),
  };
}

function onlyTick(messages: readonly (Tick | Reset)[]): Tick {
  const [message] = messages;
  assert.equal(messages.length, 1);
  assert.ok(message?.kind === 'tick');
  return message;
}

describe('Follower', () => {
  it('sends a row again until the cut has passed its transaction', () => {
    const follower = newFollower();
    follower.tell(look(10n), 0n);
    // 10 still runs, 11 has committed before it.
    const second = onlyTick(follower.tell(look(10n, [[11n, KEY_B, 5n]]), 1n));
    assert.deepEqual(second.changes, [{ keyId: KEY_B, version: 5n }]);
    const rows: [bigint, string, bigint][] = [
      [10n, KEY_A, 7n],
      [11n, KEY_B, 5n],
    ];
    const third = onlyTick(follower.tell(look(12n, rows), 2n));
    assert.deepEqual(third.changes, [
      { keyId: KEY_A, version: 7n },
      { keyId: KEY_B, version: 5n },
    ]);
    const fourth = onlyTick(follower.tell(look(12n, rows), 2n));
    assert.deepEqual(fourth.changes, []);
    assert.deepEqual([second.number, third.number, fourth.number], [2n, 3n, 4n]);
  });

  it('tells a new follower what its first cut has not passed, and nothing older', () => {
    const first = onlyTick(
      newFollower().tell(
        look(10n, [
          [9n, KEY_A, 1n],
          [11n, KEY_B, 2n],
        ]),
        0n,
      ),
    );
    assert.deepEqual(first.changes, [{ keyId: KEY_B, version: 2n }]);
  });

  it('says the highest version of a key once', () => {
    const rows: [bigint, string, bigint][] = [
      [10n, KEY_A, 2n],
      [12n, KEY_A, 1n],
      [11n, KEY_A, 3n],
    ];
    assert.deepEqual(onlyTick(newFollower().tell(look(10n, rows), 0n)).changes, [
      { keyId: KEY_A, version: 3n },
    ]);
  });

  it('resumes from the last applied tick', () => {
    const follower = newFollower({ epoch: 'e1', cut: 5n });
    assert.equal(lowestCut([newFollower(), follower, newFollower({ epoch: 'e1', cut: 7n })]), 5n);
    const rows: [bigint, string, bigint][] = [
      [4n, KEY_A, 1n],
      [5n, KEY_B, 2n],
    ];
    assert.deepEqual(onlyTick(follower.tell(look(10n, rows), 0n)).changes, [{ keyId: KEY_B, version: 2n }]);
  });

  const unreachable: [string, Position, Partial<Look>, RegExp][] = [
    ['the epoch differs', { epoch: 'e0', cut: 5n }, {}, /restarted, restored or replaced/],
    [
      'the log is cut above its position',
      { epoch: 'e1', cut: 5n },
      { trimmedBelow: 6n },
      /no longer reaches back/,
    ],
    ['its position lies ahead', { epoch: 'e1', cut: 11n }, {}, /lies ahead/],
  ];
  for (const [situation, resumeAfter, difference, reason] of unreachable) {
    it(`resets a follower when ${situation}, then starts it afresh`, () => {
      const follower = newFollower(resumeAfter);
      const rows: [bigint, string, bigint][] = [
        [9n, KEY_A, 1n],
        [10n, KEY_B, 2n],
      ];
      const [reset, tick, ...rest] = follower.tell({ ...look(10n, rows), ...difference }, 3n);
      assert.ok(reset?.kind === 'reset' && tick?.kind === 'tick' && rest.length === 0);
      assert.match(reset.reason, reason);
      assert.deepEqual(tick.changes, [{ keyId: KEY_B, version: 2n }]);
      assert.deepEqual([tick.number, tick.echo, tick.cut], [1n, 3n, 10n]);
      assert.equal(follower.tell({ ...look(10n), ...difference }, 3n).length, 1);
    });
  }

  it('accepts a position at the very edge of the log', () => {
    const follower = newFollower({ epoch: 'e1', cut: 6n });
    onlyTick(follower.tell({ ...look(10n), trimmedBelow: 6n }, 0n));
  });

  it('resets a follower in mid-stream when the database has been restarted', () => {
    const follower = newFollower();
    follower.tell(look(10n), 0n);
    const messages = follower.tell({ ...look(11n), epoch: 'e2' }, 1n);
    assert.deepEqual(
      messages.map(({ kind }) => kind),
      ['reset', 'tick'],
    );
  });

  it('cuts many changes into several ticks, of which only the last claims the new position', () => {
    const follower = newFollower();
    follower.tell(look(10n), 1n);
    const rows = Array.from({ length: 20_001 }, (_, n): [bigint, string, bigint] => [10n, `key-${n}`, 1n]);
    const ticks = follower.tell(look(11n, rows), 2n) as Tick[];
    assert.deepEqual(
      ticks.map(({ number, echo, cut, changes }) => [number, echo, cut, changes.length]),
      [
        [2n, 1n, 10n, 10_000],
        [3n, 1n, 10n, 10_000],
        [4n, 2n, 11n, 1],
      ],
    );
  });

  for (const [kind, resumeAfter, earlyCut] of [
    ['a new', undefined, 10n],
    ['a resumed', { epoch: 'e1', cut: 5n }, 5n],
  ] as const) {
    it(`lets ${kind} follower conclude nothing from the early parts of its first tick`, () => {
      const rows = Array.from({ length: 10_001 }, (_, n): [bigint, string, bigint] => [10n, `key-${n}`, 1n]);
      const ticks = newFollower(resumeAfter).tell(look(10n, rows), 4n) as Tick[];
      assert.deepEqual(
        ticks.map(({ echo, cut }) => [echo, cut]),
        [
          [0n, earlyCut],
          [4n, 10n],
        ],
      );
    });
  }

  it('knows a ping that is the first to acknowledge a change, once the cut has passed it', () => {
    const follower = newFollower();
    const ping = (number: bigint, applied: bigint) =>
      follower.receive({ number, applied, appliedCut: 10n + applied });
    follower.tell(look(10n), 0n);
    assert.equal(ping(1n, 1n), false);
    // 10 still runs, so that the cut can't tell who has applied 11.
    follower.tell(look(10n, [[11n, KEY_A, 5n]]), 1n);
    assert.equal(ping(2n, 2n), false);
    follower.tell(look(12n, [[11n, KEY_A, 5n]]), 2n);
    assert.equal(ping(3n, 2n), false);
    assert.equal(ping(4n, 3n), true);
    assert.equal(ping(5n, 3n), false);
    follower.tell(look(13n), 5n);
    assert.equal(ping(6n, 4n), false);
  });

  it('waits for the last of the ticks that a change came with', () => {
    const follower = newFollower({ epoch: 'e1', cut: 5n });
    const rows = Array.from({ length: 10_001 }, (_, n): [bigint, string, bigint] => [6n, `key-${n}`, 1n]);
    assert.equal(follower.tell(look(10n, rows), 0n).length, 2);
    assert.equal(follower.receive({ number: 1n, applied: 1n, appliedCut: 5n }), false);
    assert.equal(follower.receive({ number: 2n, applied: 2n, appliedCut: 10n }), true);
  });

  it('has applied what it resumes from until it says more', () => {
    const follower = newFollower({ epoch: 'e0', cut: 3n });
    follower.receive({ number: 1n, applied: 0n, appliedCut: 0n });
    assert.equal(follower.ping.appliedCut, 3n);
  });

  it('keeps the newest ping, with the epoch of what it says was applied', () => {
    const follower = newFollower({ epoch: 'e0', cut: 3n });
    assert.equal(follower.appliedEpoch, 'e0');
    follower.receive({ number: 1n, applied: 0n, appliedCut: 3n });
    assert.equal(follower.appliedEpoch, 'e0');
    follower.tell(look(10n), 1n);
    follower.tell(look(11n), 1n);
    follower.tell({ ...look(12n), epoch: 'e2' }, 1n);
    follower.receive({ number: 3n, applied: 2n, appliedCut: 11n });
    assert.equal(follower.appliedEpoch, 'e1');
    follower.receive({ number: 2n, applied: 1n, appliedCut: 10n });
    assert.deepEqual(follower.ping, { number: 3n, applied: 2n, appliedCut: 11n });
    follower.receive({ number: 4n, applied: 3n, appliedCut: 12n });
    assert.equal(follower.appliedEpoch, 'e2');
  });
});
