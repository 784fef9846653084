import assert from 'node:assert/strict';
import { Retention } from './log-keeper.ts';

const at = (cut: bigint, epoch = 'e') => ({ epoch, cut });

describe('Retention', () => {
  it('cuts below what was the cut a whole retention ago', () => {
    const retention = new Retention(15);
    const below = [0, 5, 10, 14, 15, 16, 20, 30].map((nowMs) =>
      retention.note(at(100n + BigInt(nowMs)), nowMs),
    );
    assert.deepEqual(below, [undefined, undefined, undefined, undefined, 100n, 100n, 105n, 115n]);
  });

  it('cuts nothing that a transaction may still add to, however old it is', () => {
    const retention = new Retention(15);
    retention.note(at(100n), 0);
    // 100 runs for a long time and holds the cut.
    for (let nowMs = 5; nowMs <= 60; nowMs += 5) assert.ok((retention.note(at(100n), nowMs) ?? 0n) <= 100n);
    assert.equal(retention.note(at(500n), 65), 100n);
    assert.equal(retention.note(at(501n), 80), 500n);
  });

  it('starts afresh with another epoch', () => {
    const retention = new Retention(15);
    retention.note(at(100n), 0);
    assert.equal(retention.note(at(50n, 'restored'), 20), undefined);
    assert.equal(retention.note(at(60n, 'restored'), 35), 50n);
  });
});
