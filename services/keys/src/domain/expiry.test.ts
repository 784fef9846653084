import assert from 'node:assert/strict';
import fc from 'fast-check';
import { dueStep, nextStepAt } from './expiry.ts';

const HOUR_MS = 3_600_000;
const LEADS_MS = { '7d': 168 * HOUR_MS, '1d': 24 * HOUR_MS, '1h': HOUR_MS } as const;
type Notice = keyof typeof LEADS_MS;

const EXPIRES_AT = new Date('2026-03-30T12:00:00.000Z');
const before = (ms: number) => new Date(EXPIRES_AT.getTime() - ms);

describe('the steps of an expiry', () => {
  it('come 7 days, a day and an hour ahead, and at the end', () => {
    const steps = [before(LEADS_MS['7d']), before(LEADS_MS['1d']), before(LEADS_MS['1h']), EXPIRES_AT];
    let moment = before(1000 * HOUR_MS);
    for (const step of steps) {
      assert.deepEqual(nextStepAt(EXPIRES_AT, moment), step);
      moment = step;
    }
    assert.deepEqual(nextStepAt(EXPIRES_AT, EXPIRES_AT), EXPIRES_AT);
    assert.deepEqual(nextStepAt(EXPIRES_AT, before(-HOUR_MS)), EXPIRES_AT);
  });

  it('are each what is due at their moment, to the millisecond', () => {
    for (const notice of ['7d', '1d', '1h'] as const) {
      const step = dueStep(EXPIRES_AT, before(LEADS_MS[notice]));
      assert.ok(step.kind === 'announce');
      assert.deepEqual(
        [step.notice, step.nextDueAt],
        [notice, nextStepAt(EXPIRES_AT, before(LEADS_MS[notice]))],
      );
    }
    assert.equal(dueStep(EXPIRES_AT, EXPIRES_AT).kind, 'deactivate');
    assert.equal(dueStep(EXPIRES_AT, before(1)).kind, 'announce');
  });

  it('are none before the first notice', () => {
    const early = dueStep(EXPIRES_AT, before(LEADS_MS['7d'] + 1));
    assert.deepEqual(early, { kind: 'announce', notice: null, nextDueAt: before(LEADS_MS['7d']) });
  });
});

/** A key under a clock that a test moves: what is due is swept when the test says so. */
class Key {
  #nowMs = 0;
  #expiresAtMs = 0;
  #setAtMs = 0;
  #dueAtMs: number | null = null;
  announced: { notice: Notice; atMs: number }[] = [];
  isActive = false;

  expireIn(ms: number): void {
    this.#setAtMs = this.#nowMs;
    this.#expiresAtMs = this.#nowMs + ms;
    this.#dueAtMs = nextStepAt(new Date(this.#expiresAtMs), new Date(this.#nowMs)).getTime();
    this.isActive = true;
    this.announced = [];
  }

  pass(ms: number): void {
    this.#nowMs += ms;
  }

  sweep(): void {
    if (this.#dueAtMs === null || this.#dueAtMs > this.#nowMs) return;
    const step = dueStep(new Date(this.#expiresAtMs), new Date(this.#nowMs));
    if (step.kind === 'announce') {
      if (step.notice) this.announced.push({ notice: step.notice, atMs: this.#nowMs });
      this.#dueAtMs = step.nextDueAt.getTime();
    } else {
      this.isActive = false;
      this.#dueAtMs = null;
    }
  }

  assertTold(sweepsMs: readonly number[]): void {
    const sinceSet = sweepsMs.filter((ms) => ms >= this.#setAtMs);
    const expected: Notice[] = [];
    for (const [notice, leadMs] of Object.entries(LEADS_MS) as [Notice, number][]) {
      const atMs = this.#expiresAtMs - leadMs;
      const nextAtMs = this.#expiresAtMs - (Object.values(LEADS_MS).find((other) => other < leadMs) ?? 0);
      // It was yet to come when the expiry was set, and a sweep came by before the next step.
      if (atMs > this.#setAtMs && sinceSet.some((ms) => ms >= atMs && ms < nextAtMs)) expected.push(notice);
    }
    assert.deepEqual(
      this.announced.map(({ notice }) => notice),
      expected,
    );
    assert.equal(this.isActive, !sinceSet.some((ms) => ms >= this.#expiresAtMs));
  }

  get nowMs(): number {
    return this.#nowMs;
  }
}

describe('the notices of a key', () => {
  const span = fc.integer({ min: 0, max: 200 }).map((quarters) => quarters * (HOUR_MS / 4));
  const life = fc.integer({ min: -8, max: 900 }).map((quarters) => quarters * (HOUR_MS / 4));
  const happening = fc.oneof(
    { weight: 5, arbitrary: span.map((ms) => ['pass and sweep', ms] as const) },
    { weight: 2, arbitrary: span.map((ms) => ['pass', ms] as const) },
    { weight: 1, arbitrary: life.map((ms) => ['set', ms] as const) },
  );

  it('are each told once at most, in their time, and only where they lay ahead when the expiry was set', () => {
    fc.assert(
      fc.property(life, fc.array(happening, { maxLength: 60 }), (first, happenings) => {
        const key = new Key();
        const sweepsMs: number[] = [];
        key.expireIn(first);
        for (const [what, ms] of happenings) {
          if (what === 'set') {
            // A sweep in the same instant counts for the expiry that was set before.
            key.pass(1);
            key.expireIn(ms);
            continue;
          }
          key.pass(ms);
          if (what === 'pass') continue;
          key.sweep();
          sweepsMs.push(key.nowMs);
          key.assertTold(sweepsMs);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
