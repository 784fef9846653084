import assert from 'node:assert/strict';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { Roster } from './roster.ts';
import type { ScriptCall } from './script-calls.ts';

describe('the list of those that share the limits', () => {
  let clock: ManualClock;
  /** How long ago it was that Redis held what it has lost, ms. */
  let flushes: number[];
  /** What Redis answers: its epoch and its list; undefined while it is away. */
  let redis: [epoch: string, gateways: string[]] | undefined;
  let roster: Roster;

  beforeEach(() => {
    clock = new ManualClock();
    flushes = [];
    redis = undefined;
    roster = new Roster({
      self: 'a',
      clock,
      onFlush: (heldAtMs) => {
        flushes.push(clock.monotonic() - heldAtMs);
      },
      calls: {
        send: ({ onReply, onFailure }: ScriptCall) =>
          redis ? onReply(redis, false) : onFailure(new Error('away')),
      },
    });
  });

  async function sign(epoch: string, ...gateways: string[]): Promise<string[]> {
    redis = [epoch, gateways];
    assert.equal(await roster.sign(), true);
    return roster.gateways().toSorted();
  }

  /** Signs each second for as long as a list may be incomplete. */
  async function settle(epoch: string, ...gateways: string[]): Promise<void> {
    for (let second = 0; second < 6; second += 1) {
      await sign(epoch, ...gateways);
      clock.advance(1000);
    }
  }

  it('has but this process while Redis was never there', async () => {
    assert.equal(await roster.sign(), false);
    assert.deepEqual(roster.gateways(), ['a']);
  });

  it('is what Redis says, and stays so while Redis is away', async () => {
    await settle('1', 'a', 'b', 'c');
    assert.deepEqual(await sign('1', 'a', 'c'), ['a', 'c']);
    redis = undefined;
    clock.advance(3_600_000);
    assert.equal(await roster.sign(), false);
    assert.deepEqual(roster.gateways().toSorted(), ['a', 'c']);
  });

  it('keeps those that have not signed again yet, when Redis was away or has lost the list, for some seconds', async () => {
    await settle('1', 'a', 'b');
    clock.advance(60_000);
    assert.deepEqual(await sign('1', 'a'), ['a', 'b']);
    await settle('1', 'a');
    assert.deepEqual(await sign('1', 'a'), ['a']);
    assert.deepEqual(flushes, []);
    await settle('1', 'a', 'b');
    assert.deepEqual(await sign('2', 'a'), ['a', 'b']);
    await settle('2', 'a');
    assert.deepEqual(await sign('2', 'a'), ['a']);
  });

  it('tells when Redis has lost what it held, once', async () => {
    await settle('1', 'a');
    assert.deepEqual(flushes, [], 'the first that is seen is no other');
    await settle('2', 'a');
    assert.deepEqual(flushes, [1000]);
  });
});
