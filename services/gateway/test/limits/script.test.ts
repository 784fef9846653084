/** The script on a real Redis against the same rules in TypeScript, at times that the test chooses. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createRedis as createRedisClient, type RedisClient } from '@hokusai/service-kit';
import { createRedis, type TestRedis } from '@hokusai/testing';
import fc from 'fast-check';
import { burstShape, HOUR, SlidingWindow } from '../../src/domain/sliding-window.ts';
import {
  decisionScript,
  decisionScriptAt,
  type Reply,
  readReply,
  recordNames,
} from '../../src/limits/script.ts';

const START_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

interface Limits {
  perHour: number;
  burst: number;
  burstWindowSeconds: number;
  userPerHour: number | null;
}

interface Asked extends Limits {
  count: number;
  owed?: number;
  burstOwed?: number;
}

interface Charge {
  nowMs: number;
  key: number;
  asked: Asked;
  admitted: number;
}

/** What Redis should say of the keys of one user: worked out anew from all that it has charged. */
class Model {
  readonly #charges: Charge[] = [];

  ask(nowMs: number, key: number, asked: Asked): Record<string, number> {
    const windows = new Windows(this.#charges, key);
    windows.move(nowMs, asked);
    const admitted = windows.admit(asked);
    if (admitted + (asked.owed ?? 0) + (asked.burstOwed ?? 0) > 0)
      this.#charges.push({ nowMs, key, asked, admitted });
    return { admitted, ...windows.told(asked) };
  }
}

class Windows {
  #hour: SlidingWindow | undefined;
  #burst: { window: SlidingWindow; seconds: number } | undefined;
  #user: SlidingWindow | undefined;

  constructor(charges: readonly Charge[], key: number) {
    for (const { nowMs, key: of, asked, admitted } of charges) {
      if (of === key) this.move(nowMs, asked);
      else if (asked.userPerHour !== null) this.#moveUser(nowMs);
      if (of === key) this.#add(asked, admitted);
      else this.#user?.add(admitted + (asked.owed ?? 0));
    }
  }

  move(nowMs: number, { burstWindowSeconds: seconds, userPerHour }: Asked): void {
    this.#hour ??= new SlidingWindow(HOUR, nowMs);
    this.#hour.moveTo(nowMs);
    this.#burst?.window.moveTo(nowMs);
    if (this.#burst?.seconds !== seconds) {
      const window = new SlidingWindow(burstShape(seconds), nowMs);
      window.add(this.#burst?.window.used ?? 0);
      this.#burst = { window, seconds };
    }
    if (userPerHour !== null) this.#moveUser(nowMs);
  }

  admit(asked: Asked): number {
    const { count, perHour, burst, userPerHour, owed = 0, burstOwed = 0 } = asked;
    const { hourUsed, burstUsed, userUsed } = this.told(asked) as { [name: string]: number };
    const free = [perHour - (hourUsed as number) - owed, burst - (burstUsed as number) - burstOwed];
    if (userPerHour !== null) free.push(userPerHour - (userUsed as number) - owed);
    const admitted = Math.max(0, Math.min(count, ...free));
    this.#add(asked, admitted);
    return admitted;
  }

  told({ perHour, burst, userPerHour }: Asked): Record<string, number> {
    const user = userPerHour === null ? undefined : this.#user;
    return {
      hourUsed: this.#hour?.used ?? 0,
      hourReset: this.#hour?.resetAtMs(perHour) ?? 0,
      burstUsed: this.#burst?.window.used ?? 0,
      burstReset: this.#burst?.window.resetAtMs(burst) ?? 0,
      userUsed: user?.used ?? 0,
      userReset: user?.resetAtMs(userPerHour ?? 0) ?? 0,
    };
  }

  #moveUser(nowMs: number): void {
    this.#user ??= new SlidingWindow(HOUR, nowMs);
    this.#user.moveTo(nowMs);
  }

  #add({ userPerHour, owed = 0, burstOwed = 0 }: Asked, admitted: number): void {
    this.#hour?.add(admitted + owed);
    this.#burst?.window.add(admitted + burstOwed);
    if (userPerHour !== null) this.#user?.add(admitted + owed);
  }
}

describe('the script of the limits', () => {
  let server: TestRedis;
  let redis: RedisClient;

  before(async function () {
    this.timeout(120_000);
    server = await createRedis();
    redis = createRedisClient({ url: server.url, onError: () => {} });
    await new Promise((resolve) => {
      redis.once('ready', resolve);
    });
  });

  after(async () => {
    redis.disconnect();
    await server.close();
  });

  async function ask(userId: string, keyId: string, nowMs: number, asked: Asked): Promise<Reply> {
    const { key, user } = recordNames(userId, keyId);
    const keys = asked.userPerHour === null ? [key] : [key, user];
    const { count, perHour, burst, burstWindowSeconds, userPerHour, owed = 0, burstOwed = 0 } = asked;
    const args = [count, perHour, burst, burstWindowSeconds * 100, userPerHour ?? 0, owed, burstOwed, nowMs];
    const reply = await redis.eval(decisionScriptAt.text, keys.length, ...keys, ...args);
    return readReply(reply);
  }

  const limits = { perHour: 10, burst: 5, burstWindowSeconds: 1, userPerHour: null };

  const step = fc.record({
    key: fc.integer({ min: 0, max: 1 }),
    count: fc.integer({ min: 0, max: 9 }),
    owed: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 4 })),
    pauseMs: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 3000 }),
      fc.integer({ min: 0, max: 200_000 }),
      fc.integer({ min: -90_000, max: 2 * HOUR_MS }),
      fc.integer({ min: -3 * HOUR_MS, max: 0 }),
    ),
    burstWindowSeconds: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 4000 })),
  });

  it('decides as the windows do, whatever traffic, debts, clocks and changes of the windows there are', async function () {
    this.timeout(60_000);
    const someLimits = fc.record({
      perHour: fc.integer({ min: 1, max: 30 }),
      burst: fc.integer({ min: 1, max: 12 }),
      userPerHour: fc.option(fc.integer({ min: 1, max: 40 })),
    });
    await fc.assert(
      fc.asyncProperty(someLimits, fc.array(step, { minLength: 1, maxLength: 40 }), async (of, steps) => {
        const [userId, ...keyIds] = [randomUUID(), randomUUID(), randomUUID()] as const;
        const model = new Model();
        let nowMs = START_MS;
        for (const { key, count, owed, pauseMs, burstWindowSeconds } of steps) {
          nowMs += pauseMs;
          const asked = { ...of, count, owed, burstOwed: owed >> 1, burstWindowSeconds };
          const reply = await ask(userId, keyIds[key] as string, nowMs, asked);
          const expected = model.ask(nowMs, key, asked);
          const [admitted, at, , , hourUsed, hourReset, burstUsed, burstReset, userUsed, userReset] = reply;
          const told = { admitted, hourUsed, burstUsed, userUsed };
          const times = { hourReset, burstReset, userReset };
          assert.equal(at, nowMs);
          assert.deepEqual({ ...told, ...times }, expected);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('admits at most the limits in any window, against an exact log, and charges nothing for what it refuses', async function () {
    this.timeout(60_000);
    const traffic = fc.array(
      fc.record({ count: fc.integer({ min: 1, max: 6 }), pauseMs: fc.integer({ min: 0, max: 500_000 }) }),
      { minLength: 20, maxLength: 60 },
    );
    await fc.assert(
      fc.asyncProperty(traffic, async (steps) => {
        const [userId, keyId] = [randomUUID(), randomUUID()];
        const asked = { perHour: 12, burst: 4, burstWindowSeconds: 60, userPerHour: null };
        const log: number[] = [];
        let nowMs = START_MS;
        for (const { count, pauseMs } of steps) {
          nowMs += pauseMs;
          const [admitted, , , , hourUsed] = await ask(userId, keyId, nowMs, { ...asked, count });
          for (let index = 0; index < admitted; index += 1) log.push(nowMs);
          const since = (Math.floor(nowMs / 60_000) - 60) * 60_000;
          assert.equal(hourUsed, log.filter((atMs) => atMs >= since).length);
        }
        const isSpread = (limit: number, windowMs: number) =>
          log.every((atMs, index) => index < limit || atMs - (log[index - limit] as number) >= windowMs);
        assert.ok(isSpread(12, HOUR_MS) && isSpread(4, 60_000));
      }),
      { numRuns: 40 },
    );
  });

  it('says once in an hour that four fifths of an hourly limit are used, of key and user apart', async () => {
    const [userId, keyId, other] = [randomUUID(), randomUUID(), randomUUID()];
    const of = { ...limits, burst: 100, userPerHour: 16 };
    const near = async (id: string, atMs: number, count = 1) =>
      (await ask(userId, id, START_MS + atMs, { ...of, count }))[3];
    assert.equal(await near(keyId, 0, 7), 0);
    assert.equal(await near(keyId, 1), 1, 'at 8 of 10');
    assert.equal(await near(keyId, 2), 0, 'only once');
    assert.equal(await near(other, 3, 4), 2, 'the user is at 13 of 16');
    // The first has left the window: the limit comes near again, in the same traffic.
    assert.equal(await near(keyId, HOUR_MS + 60_000, 8), 1);
    assert.equal(await near(other, HOUR_MS + 60_001, 5), 2);
  });

  it('keeps a constant number of bytes, for no longer than they count', async () => {
    const [userId, keyId] = [randomUUID(), randomUUID()];
    const { key, user } = recordNames(userId, keyId);
    const of = { ...limits, perHour: 2_147_483_647, burst: 2_147_483_647, userPerHour: 2_147_483_647 };
    const sizes = new Set<string>();
    for (let minute = 0; minute < 200; minute += 7) {
      const count = 10 ** (minute % 9);
      await ask(userId, keyId, START_MS + minute * 61_000, { ...of, count });
      sizes.add(`${await redis.strlen(key)} ${await redis.strlen(user)}`);
    }
    assert.deepEqual([...sizes], ['356 278']);
    for (const name of [key, user]) {
      const lifetimeMs = await redis.pttl(name);
      assert.ok(lifetimeMs > HOUR_MS && lifetimeMs <= 61 * 60_000);
    }
    await ask(userId, keyId, START_MS + 200 * 61_000, { ...of, count: 1, burstWindowSeconds: 7200 });
    assert.ok((await redis.pttl(key)) > 2 * HOUR_MS);
  });

  it('writes nothing for a request that it refuses', async () => {
    const [userId, keyId] = [randomUUID(), randomUUID()];
    const { key } = recordNames(userId, keyId);
    await ask(userId, keyId, START_MS, { ...limits, count: 10 });
    const before = await redis.getBuffer(key);
    const [admitted] = await ask(userId, keyId, START_MS + 500, { ...limits, count: 3 });
    assert.equal(admitted, 0);
    assert.deepEqual(await redis.getBuffer(key), before);
  });

  it('takes what it can not have written for nothing', async () => {
    const [userId, keyId] = [randomUUID(), randomUUID()];
    await redis.set(recordNames(userId, keyId).key, 'something else');
    const [admitted, , existed] = await ask(userId, keyId, START_MS, { ...limits, count: 1 });
    assert.deepEqual([admitted, existed], [1, 0]);
  });

  it("goes by Redis's clock in the service", async () => {
    const [userId, keyId] = [randomUUID(), randomUUID()];
    const { key } = recordNames(userId, keyId);
    const [seconds, micros] = (await redis.time()) as unknown as [number, number];
    const reply = await redis.eval(decisionScript.text, 1, key, 1, 10, 5, 100, 0, 0, 0);
    const [admitted, nowMs] = readReply(reply);
    const beforeMs = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
    assert.equal(admitted, 1);
    assert.ok(nowMs >= beforeMs && nowMs < beforeMs + 60_000);
  });
});
