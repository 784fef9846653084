import assert from 'node:assert/strict';
import { keyState } from '../../test/support/keys.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { policiesOf, type Reading, Standing, unusedReading, type Verdict } from './rate-limits.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12);

function policies(userPerHour: number | null = null) {
  const { owner } = keyState();
  return policiesOf(keyState({ owner: { ...owner, rateLimitPerHour: userPerHour } }));
}

function reading(clock: ManualClock, told: Partial<Reading> = {}): Reading {
  return {
    ...unusedReading(clock),
    atMs: NOW_MS,
    hourUsed: 13,
    hourResetAtMs: NOW_MS + 3_600_500,
    burstUsed: 1,
    burstResetAtMs: NOW_MS + 1001,
    ...told,
  };
}

interface Given {
  verdict?: Verdict;
  told?: Partial<Reading>;
  userPerHour?: number | null;
  later?: number;
  clock?: ManualClock;
}

function standing({ verdict = 'admitted', told, userPerHour = null, later = 0, clock }: Given = {}) {
  const by = clock ?? new ManualClock();
  return new Standing(verdict, policies(userPerHour), reading(by, told), later, by);
}

function headersOf(of: Standing): Record<string, string> {
  const flat = of.headers();
  const pairs = flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] as string]] : []));
  return Object.fromEntries(pairs as [string, string][]);
}

describe('how a request stands to its limits', () => {
  it('is told in structured fields, and in those that have room for one limit', () => {
    assert.deepEqual(headersOf(standing()), {
      'RateLimit-Policy': '"hour";q=20000;w=3600, "burst";q=100;w=1',
      RateLimit: '"hour";r=19987;t=3601, "burst";r=99;t=2',
      'X-RateLimit-Limit': '20000',
      'X-RateLimit-Remaining': '19987',
      'X-RateLimit-Reset': String(NOW_MS / 1000 + 3601),
    });
  });

  it('names the owner where they have a limit, which the others tell of if it leaves less', () => {
    const user = { userUsed: 10, userResetAtMs: NOW_MS + 60_000 };
    const tight = headersOf(standing({ userPerHour: 50, told: user }));
    assert.match(tight['RateLimit-Policy'] ?? '', /, "user";q=50;w=3600$/);
    assert.match(tight['RateLimit'] ?? '', /, "user";r=40;t=60$/);
    assert.equal(tight['X-RateLimit-Remaining'], '40');
    const ample = headersOf(standing({ userPerHour: 1_000_000, told: user }));
    assert.equal(ample['X-RateLimit-Remaining'], '19987');
  });

  it('leaves out what came after it', () => {
    assert.equal(headersOf(standing({ later: 5 }))['X-RateLimit-Remaining'], '19992');
  });

  it('counts the time since then', () => {
    const clock = new ManualClock();
    const one = standing({ clock });
    clock.advance(600_000);
    assert.equal(headersOf(one)['RateLimit'], '"hour";r=19987;t=3001, "burst";r=99;t=0');
    clock.advance(10_000_000);
    assert.equal(headersOf(one)['X-RateLimit-Reset'], String(NOW_MS / 1000 + 10_600));
  });

  it('never shows less than nothing left, after a limit was lowered', () => {
    const over = standing({ verdict: 'refused', told: { hourUsed: 30_000 } });
    assert.equal(headersOf(over)['X-RateLimit-Remaining'], '0');
  });

  it('tells a refused one which limits, whose key, when, and what to do', () => {
    const told = { hourUsed: 20_000, burstUsed: 100 };
    const refused = standing({ verdict: 'refused', told });
    const error = refused.refusal('hk_live_4fQ0ZyB2kL9x');
    assert.equal(error.code, 'rate_limited');
    assert.equal(error.retryAfterSeconds, 3601);
    assert.equal(
      error.message,
      'The API key hk_live_4fQ0ZyB2kL9x has used up its limit of 20000 requests per hour and its limit of 100 requests in 1 s. It works again in 3601 s, at 2026-03-01T13:00:01Z: send fewer requests, or ask an administrator for a higher limit.',
    );
    assert.deepEqual(
      error.violations.map(({ path }) => path),
      ['hour', 'burst'],
    );
    assert.equal(refused.freeInMs, 3_600_500);
  });

  it('tells of the limit that refuses in the headers with room for one', () => {
    const told = { burstUsed: 100, burstResetAtMs: NOW_MS + 400 };
    const headers = headersOf(standing({ verdict: 'refused', told }));
    assert.equal(headers['X-RateLimit-Limit'], '100');
    assert.equal(headers['X-RateLimit-Remaining'], '0');
    assert.equal(headers['X-RateLimit-Reset'], String(NOW_MS / 1000 + 1));
  });

  it('has nobody come again before a second has passed', () => {
    const clock = new ManualClock();
    const refused = standing({ verdict: 'refused', told: { burstUsed: 100 }, clock });
    clock.advance(5000);
    assert.equal(refused.refusal('hk_live_x').retryAfterSeconds, 1);
  });

  it('bears windows that end after all dates', () => {
    const told = { burstUsed: 100, burstResetAtMs: 9e15 };
    assert.match(standing({ verdict: 'refused', told }).refusal('hk_live_x').message, /at a time far off/);
  });
});
