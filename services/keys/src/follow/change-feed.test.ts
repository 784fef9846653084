import assert from 'node:assert/strict';
import type { HokusaiError } from '@hokusai/contracts';
import { createLogger } from '@hokusai/service-kit';
import { ChangeFeed, type FollowerRecord, type FollowStore } from './change-feed.ts';
import { Follower, type LoggedChange, type Look, type Reset, type Tick } from './follower.ts';

const logger = createLogger({ service: 'keys', level: 'silent' });

/** A database that answers when the test says so. */
class ManualStore implements FollowStore {
  cut = 10n;
  readonly recorded: FollowerRecord[][] = [];
  /** Of each write, whether receipts may wait for it. */
  readonly awaited: boolean[] = [];
  changes: LoggedChange[] = [];
  readonly lookedFrom: (bigint | undefined)[] = [];
  /** What the next write and look wait for. */
  recordGate: Promise<unknown> = Promise.resolve();
  lookGate: Promise<unknown> = Promise.resolve();
  lookBegan = Promise.withResolvers<void>();

  async record(followers: readonly FollowerRecord[], isAwaited: boolean): Promise<void> {
    this.recorded.push(Array.from(followers));
    this.awaited.push(isAwaited);
    await this.recordGate;
  }

  async look(from: bigint | undefined): Promise<Look> {
    this.lookedFrom.push(from);
    this.lookBegan.resolve();
    await this.lookGate;
    this.cut += 1n;
    return { epoch: 'e', cut: this.cut, readAt: new Date(0), trimmedBelow: 0n, changes: this.changes };
  }
}

class ManualClock {
  nowMs = 0;
  now = () => this.nowMs;
  monotonic = () => this.nowMs;
}

/** A gateway whose transport takes messages as the test says. */
class Link {
  readonly follower: Follower;
  readonly messages: (Tick | Reset)[] = [];
  readonly first = Promise.withResolvers<void>();
  readonly ended = Promise.withResolvers<HokusaiError | undefined>();
  gate: Promise<unknown> = Promise.resolve();

  constructor(incarnation: string) {
    this.follower = new Follower({ incarnation, gateway: 'g', trustMs: 0, resumeAfter: undefined });
  }

  send = async (message: Tick | Reset): Promise<void> => {
    this.messages.push(message);
    this.first.resolve();
    await this.gate;
  };
  end = (error?: HokusaiError) => this.ended.resolve(error);

  get echoes(): bigint[] {
    return this.messages.map((message) => (message.kind === 'tick' ? message.echo : -1n));
  }
}

describe('ChangeFeed', () => {
  let store: ManualStore;
  let clock: ManualClock;
  let feed: ChangeFeed;

  beforeEach(() => {
    store = new ManualStore();
    clock = new ManualClock();
    feed = new ChangeFeed({ store, clock, logger });
  });

  afterEach(() => feed.close());

  const ping = (link: Link, number: bigint) => link.follower.receive({ number, applied: 0n, appliedCut: 0n });
  /** Long before the second that a round takes at the latest. */
  const soon = async (isDone: () => boolean) => {
    const startedAt = performance.now();
    while (!isDone()) {
      assert.ok(performance.now() - startedAt < 500, 'not soon');
      await new Promise(setImmediate);
    }
  };
  const nextRound = async () => {
    const count = store.lookedFrom.length;
    clock.nowMs += 20;
    feed.wake();
    while (store.lookedFrom.length === count) await new Promise(setImmediate);
    await new Promise(setImmediate);
  };

  it('echoes what came before the look, not what came during it', async () => {
    const link = new Link('a');
    const gate = Promise.withResolvers<void>();
    store.lookGate = gate.promise;
    ping(link, 1n);
    feed.add(link);
    await store.lookBegan.promise;
    ping(link, 2n);
    gate.resolve();
    await link.first.promise;
    assert.deepEqual(link.echoes, [1n]);
    await nextRound();
    assert.deepEqual(link.echoes, [1n, 2n]);
  });

  it('echoes only what the write has named', async () => {
    const link = new Link('a');
    const gate = Promise.withResolvers<void>();
    store.recordGate = gate.promise;
    feed.add(link);
    while (store.recorded.length === 0) await new Promise(setImmediate);
    ping(link, 1n);
    gate.resolve();
    await link.first.promise;
    assert.deepEqual(link.echoes, [0n]);
  });

  it('records an acknowledgement at once, as one that may be waited for, and again if that failed', async () => {
    const link = new Link('a');
    feed.add(link);
    await link.first.promise;
    store.changes = [{ xid: 11n, keyId: 'k', version: 1n }];
    await nextRound();
    store.changes = [];
    const writes = store.awaited.length;
    const acknowledge = (number: bigint) =>
      feed.receive(link.follower, { number, applied: number, appliedCut: 12n });
    clock.nowMs += 20;
    acknowledge(1n);
    await nextRound();
    assert.ok(!store.awaited.includes(true), 'it has not applied the change');
    store.recordGate = Promise.reject(new Error('read-only'));
    store.recordGate.catch(() => {});
    clock.nowMs += 20;
    acknowledge(2n);
    // Nobody else wakes the feed.
    await soon(() => store.awaited.length > writes + 1);
    store.recordGate = Promise.resolve();
    await nextRound();
    await nextRound();
    assert.deepEqual(store.awaited.slice(writes), [false, true, true, false]);
  });

  it('looks again soon for what the cut has not passed', async () => {
    const link = new Link('a');
    store.changes = [{ xid: 99n, keyId: 'k', version: 1n }];
    feed.add(link);
    await link.first.promise;
    clock.nowMs += 40;
    // With no notification.
    await soon(() => store.lookedFrom.length > 1);
  });

  it('tells only whom the write has named, and looks only after it', async () => {
    const first = new Link('a');
    const late = new Link('b');
    const gate = Promise.withResolvers<void>();
    store.recordGate = gate.promise;
    feed.add(first);
    while (store.recorded.length === 0) await new Promise(setImmediate);
    feed.add(late);
    assert.deepEqual(store.lookedFrom, []);
    clock.nowMs += 20;
    gate.resolve();
    await late.first.promise;
    assert.deepEqual(
      store.recorded.map((members) => members.map(({ follower }) => follower.options.incarnation)),
      [['a'], ['a', 'b']],
    );
    assert.equal(first.messages.length, 2);
    assert.equal(late.messages.length, 1);
  });

  it('gives no tick when the write fails', async () => {
    const link = new Link('a');
    store.recordGate = Promise.reject(new Error('read-only'));
    store.recordGate.catch(() => {});
    feed.add(link);
    while (store.recorded.length === 0) await new Promise(setImmediate);
    await new Promise(setImmediate);
    assert.deepEqual([store.lookedFrom, link.messages], [[], []]);
    store.recordGate = Promise.resolve();
    await nextRound();
    assert.equal(link.messages.length, 1);
  });

  it('ends a stream that has had no tick for three seconds', async () => {
    const link = new Link('a');
    store.recordGate = Promise.reject(new Error('read-only'));
    store.recordGate.catch(() => {});
    feed.add(link);
    while (store.recorded.length === 0) await new Promise(setImmediate);
    clock.nowMs += 2999;
    feed.wake();
    while (store.recorded.length === 1) await new Promise(setImmediate);
    assert.equal(feed.size, 1);
    clock.nowMs += 20;
    feed.wake();
    assert.equal((await link.ended.promise)?.code, 'unavailable');
    assert.equal(feed.size, 0);
  });

  it('passes over a busy follower, tells it all later, and drops it after five seconds', async () => {
    const slow = new Link('slow');
    const quick = new Link('quick');
    const gate = Promise.withResolvers<void>();
    slow.gate = gate.promise;
    feed.add(slow);
    feed.add(quick);
    await quick.first.promise;
    await nextRound();
    await nextRound();
    assert.deepEqual([slow.messages.length, quick.messages.length], [1, 3]);
    gate.resolve();
    slow.gate = new Promise(() => {});
    await nextRound();
    assert.equal(slow.messages.length, 2);
    // The look reached back to where the slow one had been told.
    assert.equal(store.lookedFrom.at(-1), 11n);
    clock.nowMs += 5000;
    await nextRound();
    assert.equal((await slow.ended.promise)?.code, 'unavailable');
    assert.equal(feed.size, 1);
  });

  it('records a goodbye before it ends the stream', async () => {
    const link = new Link('a');
    feed.add(link);
    await link.first.promise;
    feed.leave(link.follower);
    clock.nowMs += 20;
    assert.equal(await link.ended.promise, undefined);
    assert.deepEqual(
      store.recorded.at(-1)?.map(({ hasLeft }) => hasLeft),
      [true],
    );
    assert.equal(store.awaited.at(-1), true);
    assert.equal(link.messages.length, 1);
  });

  it('ends everyone when it is closed, and takes in no one any more', async () => {
    const [before, after] = [new Link('a'), new Link('b')];
    feed.add(before);
    await feed.close();
    feed.add(after);
    for (const link of [before, after]) assert.equal((await link.ended.promise)?.code, 'unavailable');
    assert.equal(feed.size, 0);
  });
});
