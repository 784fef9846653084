import assert from 'node:assert/strict';
import { KEY_ID, keyState } from '../../test/support/keys.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { KeyState } from './key-state.ts';
import { type Tick, type TickOutcome, Trust } from './trust.ts';

const DB_MS = 1_000_000;
const SETTINGS = { staleMs: 5000, stateTtlMs: 300_000 };

interface TickParts {
  echo?: bigint;
  epoch?: string;
  cut?: bigint;
  atMs?: number;
  changes?: [string, bigint][];
}

/** A gateway's trust with the keys service played by hand. */
class Bench {
  readonly clock = new ManualClock();
  readonly trust: Trust;
  stream: number;
  #ticks = 0n;

  constructor(heardCapacity = 8) {
    this.trust = new Trust({ ...SETTINGS, heardCapacity }, this.clock);
    this.stream = this.trust.openStream();
  }

  reconnect(): void {
    this.stream = this.trust.openStream();
    this.#ticks = 0n;
  }

  tick({ echo = 0n, epoch = 'e1', cut = 100n, atMs = DB_MS, changes = [] }: TickParts): TickOutcome {
    this.#ticks += 1n;
    return this.trust.applyTick(this.stream, this.numbered(this.#ticks, { echo, epoch, cut, atMs, changes }));
  }

  numbered(number: bigint, parts: Required<TickParts>): Tick {
    const { echo, epoch, cut, atMs, changes } = parts;
    const read = { epoch, cut, readAtMs: atMs };
    return { number, echo, read, changes: changes.map(([keyId, version]) => ({ keyId, version })) };
  }

  /** A ping and the tick that echoes it, at once. */
  roundTrip(parts: TickParts = {}): TickOutcome {
    return this.tick({ ...parts, echo: this.trust.nextPing().number });
  }
}

function stateAt(parts: { epoch?: string; cut?: bigint; atMs?: number; version?: bigint } = {}): KeyState {
  const { epoch = 'e1', cut = 100n, atMs = DB_MS, version = 7n } = parts;
  return keyState({ version, read: { epoch, cut, readAtMs: atMs } });
}

describe('Trust', () => {
  it('trusts nothing before a ping was echoed', () => {
    const { trust } = new Bench();
    assert.equal(trust.assess(stateAt()), 'distrusted');
    const bench = new Bench();
    bench.trust.nextPing();
    assert.equal(bench.tick({}).isEchoed, false);
    assert.equal(bench.trust.assess(stateAt()), 'distrusted');
    assert.equal(bench.trust.isFollowing(), false);
  });

  it('trusts a state that was read since the first echo', () => {
    const bench = new Bench();
    assert.deepEqual(bench.roundTrip(), { kind: 'applied', isReset: false, isEchoed: true });
    assert.equal(bench.trust.assess(stateAt()), 'trusted');
    assert.equal(bench.trust.isFollowing(), true);
  });

  it('trusts until 5 s after the echoed ping was sent, not after its echo came', () => {
    const bench = new Bench();
    const { number } = bench.trust.nextPing();
    bench.clock.advance(3000);
    bench.tick({ echo: number });
    bench.clock.advance(2000);
    assert.equal(bench.trust.assess(stateAt()), 'trusted');
    bench.clock.advance(1);
    assert.equal(bench.trust.assess(stateAt()), 'stale');
    assert.equal(bench.trust.isFollowing(), false);
  });

  it('notices a suspended machine and a clock that was set', () => {
    const suspended = new Bench();
    suspended.roundTrip();
    suspended.clock.suspend(5001);
    assert.equal(suspended.trust.assess(stateAt()), 'stale');
    const setBack = new Bench();
    setBack.roundTrip();
    setBack.clock.set(-3_600_000);
    setBack.clock.advance(5001);
    assert.equal(setBack.trust.assess(stateAt()), 'stale');
  });

  it('distrusts a state of another epoch', () => {
    const bench = new Bench();
    bench.roundTrip();
    assert.equal(bench.trust.assess(stateAt({ epoch: 'e0' })), 'distrusted');
  });

  it('distrusts a state that was read before changes are remembered', () => {
    const bench = new Bench();
    bench.roundTrip({ cut: 100n });
    assert.equal(bench.trust.assess(stateAt({ cut: 99n })), 'distrusted');
    bench.roundTrip({ cut: 200n });
    assert.equal(bench.trust.assess(stateAt({ cut: 100n })), 'trusted', 'the floor stays');
  });

  it('distrusts a state of which a newer version was heard, also where versions come out of order', () => {
    const bench = new Bench();
    bench.roundTrip({ changes: [[KEY_ID, 9n]] });
    bench.roundTrip({ changes: [[KEY_ID, 8n]] });
    assert.equal(bench.trust.assess(stateAt({ version: 8n })), 'distrusted');
    assert.equal(bench.trust.assess(stateAt({ version: 9n })), 'trusted');
    assert.equal(bench.trust.assess(stateAt({ version: 10n })), 'trusted');
    assert.equal(bench.trust.hasHeardNewer(stateAt({ version: 8n })), true);
    assert.equal(bench.trust.hasHeardNewer(stateAt({ version: 9n })), false);
  });

  it('takes no state that was read more than 5 min ago, or far in the future', () => {
    const bench = new Bench();
    bench.roundTrip({ atMs: DB_MS + 300_000 });
    assert.equal(bench.trust.assess(stateAt({ atMs: DB_MS })), 'trusted');
    assert.equal(bench.trust.assess(stateAt({ atMs: DB_MS - 1 })), 'stale');
    assert.equal(bench.trust.assess(stateAt({ atMs: DB_MS + 305_000 })), 'trusted');
    assert.equal(bench.trust.assess(stateAt({ atMs: DB_MS + 305_001 })), 'stale');
  });

  it("tells the database's time from the tick and the time since the echoed ping", () => {
    const bench = new Bench();
    assert.equal(bench.trust.databaseNowMs(), undefined);
    const { number } = bench.trust.nextPing();
    bench.clock.advance(40);
    bench.tick({ echo: number, atMs: DB_MS });
    bench.clock.advance(100);
    assert.equal(bench.trust.databaseNowMs(), DB_MS + 140);
  });

  it('does not take an echo twice, or of a ping that this stream did not carry', () => {
    const bench = new Bench();
    const { number } = bench.trust.nextPing();
    bench.tick({ echo: number });
    bench.clock.advance(4000);
    bench.tick({ echo: number });
    bench.tick({ echo: number + 5n });
    bench.clock.advance(1001);
    assert.equal(bench.trust.assess(stateAt()), 'stale');
    const late = bench.trust.nextPing().number;
    bench.reconnect();
    assert.equal(bench.tick({ echo: late }).isEchoed, false);
  });

  it('ignores what still comes on a former stream', () => {
    const bench = new Bench();
    bench.roundTrip();
    const former = bench.stream;
    bench.reconnect();
    const { number: echo } = bench.trust.nextPing();
    const tick = bench.numbered(2n, { echo, epoch: 'e1', cut: 500n, atMs: DB_MS, changes: [[KEY_ID, 9n]] });
    assert.equal(bench.trust.applyTick(former, tick).kind, 'ignored');
    assert.equal(bench.trust.applyReset(former), false);
    assert.equal(bench.trust.assess(stateAt()), 'trusted');
  });

  it('reports a missing tick, and applies nothing of what came instead', () => {
    const bench = new Bench();
    bench.roundTrip();
    const tick = bench.numbered(3n, {
      echo: 2n,
      epoch: 'e1',
      cut: 500n,
      atMs: DB_MS,
      changes: [[KEY_ID, 9n]],
    });
    assert.equal(bench.trust.applyTick(bench.stream, tick).kind, 'broken');
    assert.equal(bench.trust.assess(stateAt()), 'trusted');
  });

  it('keeps its trust over a reconnection, and continues from the last look that ended', () => {
    const bench = new Bench();
    assert.equal(bench.trust.resumeFrom, undefined);
    bench.roundTrip({ cut: 100n });
    bench.tick({ cut: 120n, changes: [['first part of a look', 1n]] });
    bench.reconnect();
    assert.deepEqual(bench.trust.resumeFrom, { epoch: 'e1', cut: 100n });
    assert.equal(bench.trust.assess(stateAt()), 'trusted');
    const ping = bench.trust.nextPing();
    assert.deepEqual([ping.applied, ping.appliedCut], [0n, 0n], 'nothing of the new stream');
    assert.equal(bench.tick({ cut: 100n }).isReset, false, 'it is where the stream continues');
    assert.equal(bench.trust.assess(stateAt()), 'trusted');
  });

  it('tells with each ping what was applied', () => {
    const bench = new Bench();
    bench.roundTrip({ cut: 100n });
    bench.tick({ cut: 130n });
    assert.deepEqual(bench.trust.nextPing(), { number: 2n, applied: 2n, appliedCut: 130n });
  });
});

describe('Trust after a reset', () => {
  it('distrusts all until a ping that was sent afterwards is echoed', () => {
    const bench = new Bench();
    bench.roundTrip();
    const before = bench.trust.nextPing().number;
    assert.equal(bench.trust.applyReset(bench.stream), true);
    assert.equal(bench.trust.assess(stateAt()), 'distrusted');
    assert.equal(bench.trust.resumeFrom, undefined);
    bench.tick({ cut: 200n, echo: before });
    assert.equal(bench.trust.assess(stateAt({ cut: 200n })), 'distrusted');
    bench.roundTrip({ cut: 210n });
    assert.equal(bench.trust.assess(stateAt({ cut: 209n })), 'distrusted');
    assert.equal(bench.trust.assess(stateAt({ cut: 210n })), 'trusted');
  });

  it('forgets the versions of the former database: a restored key may have a lower one', () => {
    const bench = new Bench();
    bench.roundTrip({ changes: [[KEY_ID, 9n]] });
    bench.trust.applyReset(bench.stream);
    bench.roundTrip({ epoch: 'e2' });
    assert.equal(bench.trust.assess(stateAt({ epoch: 'e2', version: 3n })), 'trusted');
  });

  const histories: [string, TickParts][] = [
    ['another epoch', { epoch: 'e2' }],
    ['a cut that went back', { cut: 99n }],
  ];
  for (const [name, parts] of histories) {
    it(`takes ${name} without a reset for one`, () => {
      const bench = new Bench();
      bench.roundTrip();
      assert.deepEqual(bench.roundTrip(parts), { kind: 'applied', isReset: true, isEchoed: false });
      assert.equal(bench.trust.assess(stateAt(parts)), 'distrusted');
      bench.roundTrip(parts);
      assert.equal(bench.trust.assess(stateAt(parts)), 'trusted');
    });
  }

  it('trusts nothing after stop, whatever still comes', () => {
    const bench = new Bench();
    bench.roundTrip();
    bench.trust.stop();
    assert.equal(bench.roundTrip().kind, 'ignored');
    assert.equal(bench.trust.assess(stateAt()), 'distrusted');
  });
});

describe("Trust's memory of changes", () => {
  const keys = (prefix: string, count: number): [string, bigint][] =>
    Array.from({ length: count }, (_, index) => [`${prefix}${index}`, 1n]);

  it('lets the floor rise when changes are forgotten', () => {
    const bench = new Bench();
    bench.roundTrip({ cut: 100n });
    bench.roundTrip({ cut: 110n, changes: [[KEY_ID, 9n], ...keys('a', 3)] });
    assert.equal(bench.trust.assess(stateAt({ cut: 100n, version: 9n })), 'trusted');
    assert.equal(bench.trust.assess(stateAt({ cut: 100n, version: 8n })), 'distrusted');
    bench.roundTrip({ cut: 120n, changes: keys('b', 4) });
    assert.equal(
      bench.trust.assess(stateAt({ cut: 100n, version: 8n })),
      'distrusted',
      'forgotten, but below the floor',
    );
    assert.equal(bench.trust.assess(stateAt({ cut: 110n, version: 9n })), 'trusted');
  });

  it('begins anew when a look brings more changes than it can hold', () => {
    const bench = new Bench();
    bench.roundTrip();
    assert.equal(bench.tick({ changes: keys('a', 9) }).isReset, true);
    assert.equal(bench.trust.assess(stateAt()), 'distrusted');
    bench.roundTrip({ cut: 150n });
    assert.equal(bench.trust.assess(stateAt({ cut: 149n })), 'distrusted');
    assert.equal(bench.trust.assess(stateAt({ cut: 150n })), 'trusted');
  });

  it('forgets changes that no state can lack any more, and loses no trust by it', () => {
    const bench = new Bench(100);
    for (let minute = 0; minute < 30; minute += 1) {
      const ago = Math.min(minute, 5);
      const cutAt = (at: number) => 100n + BigInt(at);
      const atMs = DB_MS + minute * 60_000;
      bench.roundTrip({ cut: cutAt(minute), atMs, changes: [[`key ${minute}`, 1n]] });
      const oldest = stateAt({ cut: cutAt(minute - ago), atMs: atMs - ago * 60_000 });
      assert.equal(bench.trust.assess(oldest), 'trusted', `after ${minute} min`);
      bench.clock.advance(60_000);
    }
    const first = { ...stateAt({ cut: 129n, version: 0n }), keyId: 'key 0' };
    const last = { ...first, keyId: 'key 29' };
    assert.deepEqual([bench.trust.hasHeardNewer(first), bench.trust.hasHeardNewer(last)], [false, true]);
  });
});
