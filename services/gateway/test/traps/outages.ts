/** Outages must not look like something else: never a verdict on a key, never a hang, never a 500. */
import assert from 'node:assert/strict';
import { eventually } from '@hokusai/testing';
import { type Ground, READ, WRITE } from './support/ground.ts';

export function outages(ground: Ground): void {
  describe('of outages', () => {
    keysService(ground);
    redis(ground);
    nats(ground);
  });
}

const authorization = (key: string) => [`Authorization: Bearer ${key}`];

/** The gateway hears of changes again. */
const following = (ground: Ground) =>
  eventually(async () => assert.equal((await ground.ask('GET /readyz')).status, 200), { timeoutMs: 20_000 });

function keysService(ground: Ground): void {
  const assertUnavailable = async (key: string) => {
    const { status, headers, body } = await ground.ask(`GET ${READ}`, authorization(key));
    assert.equal(status, 503, body);
    assert.ok(Number(headers['retry-after']) > 0);
    assert.equal(headers['www-authenticate'], undefined);
    assert.equal(JSON.parse(body).error_code, 'TEMPORARILY_UNAVAILABLE');
  };

  ground.trap('a key store that fails is 503, never 401 or 403', async () => {
    const [known, revoked] = [ground.add(), ground.add({ revokedAtMs: 1_750_000_000_000 })];
    ground.keys.unaryFault = 'fails';
    try {
      for (const key of [known, revoked, ground.stranger()]) await assertUnavailable(key);
    } finally {
      ground.keys.unaryFault = 'none';
    }
    assert.equal((await ground.ask(`GET ${READ}`, authorization(known))).status, 200);
    assert.equal((await ground.ask(`GET ${READ}`, authorization(revoked))).status, 403);
  });

  ground.trap('a key store that answers nonsense is 503', async () => {
    const key = ground.add();
    ground.keys.unaryFault = 'makes-no-sense';
    try {
      await assertUnavailable(key);
    } finally {
      ground.keys.unaryFault = 'none';
    }
  });

  ground.trap('a key store that is gone is 503 for unheard-of keys, and known ones are served', async () => {
    const [warm, cold] = [ground.add(), ground.add()];
    assert.equal((await ground.ask(`GET ${READ}`, authorization(warm))).status, 200);
    await ground.keys.stop();
    try {
      await assertUnavailable(cold);
      assert.equal((await ground.ask(`GET ${READ}`, authorization(warm))).status, 200);
      assert.equal((await ground.ask('GET /mlflow/health', ['X-API-Key: none'])).status, 200);
    } finally {
      await ground.keys.start();
      await following(ground);
    }
    // Questions and changes come on connections of their own, each of which is tried again in its time.
    await eventually(
      async () => assert.equal((await ground.ask(`GET ${READ}`, authorization(cold))).status, 200),
      { timeoutMs: 20_000 },
    );
  });
}

function redis(ground: Ground): void {
  const faults: [name: string, harm: () => Promise<void>, mend: () => Promise<void>][] = [
    ['that is gone', () => ground.redis.kill(), () => ground.redis.start()],
    ['that hangs', () => ground.redis.pause(), () => ground.redis.resume()],
  ];
  for (const [name, harm, mend] of faults) {
    ground.trap(`a Redis ${name} neither hangs requests nor fails them, nor lets strangers in`, async () => {
      await harm();
      try {
        // While it is away nothing that waits for it could be answered.
        for (const key of [ground.key, ground.add()]) {
          assert.equal((await ground.ask(`GET ${READ}`, authorization(key))).status, 200);
          assert.equal((await ground.ask(`POST ${WRITE}`, authorization(key), '{}')).status, 200);
        }
        assert.equal((await ground.ask(`GET ${READ}`, authorization(ground.stranger()))).status, 401);
      } finally {
        await mend();
      }
    });
  }
}

function nats(ground: Ground): void {
  ground.trap('a NATS that hangs slows no request, and gets all events later', async () => {
    await ground.nats.pause();
    const requestIds = Array.from({ length: 50 }, (_, index) => `nats-paused-${index}`);
    try {
      // While it is paused nothing that waits for it could be answered.
      for (const id of requestIds)
        assert.equal((await ground.ask(`GET ${READ}`, [`X-Request-ID: ${id}`])).status, 200);
    } finally {
      await ground.nats.resume();
    }
    for (const id of requestIds) await ground.usageOf(id);
  });
}
