import assert from 'node:assert/strict';
import { KEY_ID, keyState, PREFIX } from '../../test/support/keys.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { instantOf } from '../domain/elapsed.ts';
import { L1 } from './l1.ts';

const PROOF = { keyId: KEY_ID, keyPrefix: PREFIX };

function bench(maxEntries = 10) {
  const clock = new ManualClock();
  return { clock, l1: new L1({ maxEntries, negativeTtlMs: 10_000 }, clock) };
}

describe('L1', () => {
  it('holds proofs by digest and states by key', () => {
    const { l1 } = bench();
    const state = keyState();
    l1.learn('digest', PROOF);
    l1.keep(state);
    assert.equal(l1.proof('digest'), PROOF);
    assert.equal(l1.held(KEY_ID)?.state, state);
  });

  it('drops an older state when a change is heard of, not a newer one, and never a proof', () => {
    const { l1 } = bench();
    l1.learn('digest', PROOF);
    l1.keep(keyState({ version: 7n }));
    l1.drop(KEY_ID, 7n);
    assert.ok(l1.held(KEY_ID));
    l1.drop(KEY_ID, 8n);
    assert.equal(l1.held(KEY_ID), undefined);
    assert.equal(l1.proof('digest'), PROOF);
  });

  it('does not let an answer that was overtaken replace a newer one', () => {
    const { l1 } = bench();
    l1.keep(keyState({ version: 8n }));
    l1.keep(keyState({ version: 7n }));
    assert.equal(l1.held(KEY_ID)?.state.version, 8n);
    const restored = keyState({ version: 3n, read: { epoch: 'e2', cut: 1n, readAtMs: 0 } });
    l1.keep(restored);
    assert.equal(l1.held(KEY_ID)?.state, restored, 'versions of another history are not compared');
  });

  it('takes trust in a state over to a later read of the same version only', () => {
    const { l1, clock } = bench();
    l1.keep(keyState({ version: 7n }));
    const held = l1.held(KEY_ID);
    assert.ok(held);
    const trustedAt = instantOf(clock);
    held.trustedAt = trustedAt;
    l1.keep(keyState({ version: 7n, read: { epoch: 'e1', cut: 200n, readAtMs: 2_000_000 } }));
    assert.equal(l1.held(KEY_ID)?.trustedAt, trustedAt);
    l1.keep(keyState({ version: 8n }));
    assert.equal(l1.held(KEY_ID)?.trustedAt, undefined);
  });

  it('remembers an unknown key for 10 s, also by a clock that was set', () => {
    const { l1, clock } = bench();
    l1.learnUnknown('digest');
    clock.advance(9999);
    assert.equal(l1.isUnknown('digest'), true);
    clock.set(1);
    assert.equal(l1.isUnknown('digest'), false);
    assert.equal(l1.sizes().unknown, 0);
  });

  it('forgets that a key was unknown once it is proved, and its proof once it is unknown', () => {
    const { l1 } = bench();
    l1.learnUnknown('digest');
    l1.learn('digest', PROOF);
    assert.equal(l1.isUnknown('digest'), false);
    l1.learnUnknown('digest');
    assert.equal(l1.proof('digest'), undefined);
  });

  it('is bounded, and a flood of unknown keys displaces nothing else', () => {
    const { l1 } = bench(5);
    l1.learn('digest', PROOF);
    l1.keep(keyState());
    for (let number = 0; number < 1000; number += 1) l1.learnUnknown(`invented ${number}`);
    assert.deepEqual(l1.sizes(), { proofs: 1, states: 1, unknown: 5 });
    for (let number = 0; number < 1000; number += 1) {
      l1.learn(`digest ${number}`, PROOF);
      l1.keep(keyState({ keyId: `key ${number}` }));
    }
    assert.deepEqual(l1.sizes(), { proofs: 5, states: 5, unknown: 5 });
  });

  it('drops all states and negative answers on a reset, no proofs', () => {
    const { l1 } = bench();
    l1.learn('digest', PROOF);
    l1.keep(keyState());
    l1.learnUnknown('other');
    l1.dropAll();
    assert.deepEqual(l1.sizes(), { proofs: 1, states: 0, unknown: 0 });
  });
});
