import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { pepperRing } from './digest.ts';
import { checkRepetition, createSealer, type Repetition } from './repetition.ts';

const [first, second] = [1, 2].map((n) => ({ id: `p${n}`, secret: randomBytes(32) })) as [
  { id: string; secret: Buffer },
  { id: string; secret: Buffer },
];
const repetition: Repetition = { key: 'once', fingerprint: Buffer.alloc(32, 7) };
const sealer = createSealer(pepperRing([first]), randomBytes);

describe('a sealed answer', () => {
  it('opens for the same caller, key and body', () => {
    fc.assert(
      fc.property(fc.string(), fc.uuid(), fc.string({ minLength: 1 }), (text, caller, key) => {
        const sealed = sealer.seal(caller, { ...repetition, key }, text);
        assert.equal(sealer.open(caller, { ...repetition, key }, sealed), text.toWellFormed());
      }),
    );
  });

  it('opens for nobody else, nor when it was changed', () => {
    const sealed = sealer.seal('caller', repetition, 'the answer');
    assert.ok(!sealed.includes('the answer'));
    const changed = Buffer.from(sealed);
    changed.writeUInt8((changed.at(-1) ?? 0) ^ 1, changed.length - 1);
    const foreign = createSealer(pepperRing([second]), randomBytes);
    const attempts = [
      sealer.open('other', repetition, sealed),
      sealer.open('caller', { ...repetition, key: 'twice' }, sealed),
      sealer.open('caller', { ...repetition, fingerprint: Buffer.alloc(32, 8) }, sealed),
      sealer.open('caller', repetition, changed),
      sealer.open('caller', repetition, sealed.subarray(0, 20)),
      foreign.open('caller', repetition, sealed),
    ];
    assert.deepEqual(attempts, Array(attempts.length).fill(undefined));
  });

  it('opens with an older secret of the ring', () => {
    const sealed = sealer.seal('caller', repetition, 'the answer');
    const renewed = createSealer(pepperRing([second, first]), randomBytes);
    assert.equal(renewed.open('caller', repetition, sealed), 'the answer');
  });
});

describe('checkRepetition', () => {
  it('refuses an empty or endless key, and a body without its hash', () => {
    checkRepetition(repetition);
    const wrong = [{ key: '' }, { key: 'x'.repeat(256) }, { fingerprint: Buffer.alloc(0) }];
    for (const change of wrong) {
      assert.throws(() => checkRepetition({ ...repetition, ...change }), { code: 'invalid_request' });
    }
  });
});
