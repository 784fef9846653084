/** Outages must not look like something else: never a verdict on a key, never a hang, never a 500. */
import assert from 'node:assert/strict';
import { eventually } from '@hokusai/testing';
import { ADMIN, type Ground, READ, WRITE } from './support/ground.ts';

export function outages(ground: Ground): void {
  describe('of outages', () => {
    keysService(ground);
    redis(ground);
    nats(ground);
    throttling(ground);
  });
}

const authorization = (key: string) => [`Authorization: Bearer ${key}`];

/** The gateway hears of changes again. */
const following = (ground: Ground) =>
  eventually(async () => assert.equal((await ground.ask('GET /readyz')).status, 200));

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
    await eventually(async () =>
      assert.equal((await ground.ask(`GET ${READ}`, authorization(cold))).status, 200),
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
      // Limits are exact again.
      await eventually(async () => {
        const { headers } = await ground.ask(`GET ${READ}`);
        assert.deepEqual(
          Object.keys(headers).filter((name) => name.includes('degraded')),
          [],
        );
      });
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

/** A limit that is reached is neither a wrong key nor an outage, and must not be made worse by trying again. */
function throttling(ground: Ground): void {
  const withBurst = (burst: number, burstWindowSeconds: number) =>
    ground.add({ limits: { ratePerHour: 1000, burst, burstWindowSeconds } });
  const remaining = (headers: Record<string, string>) =>
    /"hour";r=(\d+)/.exec(headers['ratelimit'] ?? '')?.[1];

  ground.trap(
    'a throttled request is 429, never 401, and neither it nor a forbidden one is charged',
    async () => {
      const key = withBurst(2, 600);
      for (const status of [200, 200, 429, 429, 429]) {
        const { headers, ...answer } = await ask(ground, `GET ${READ}`, key);
        assert.equal(answer.status, status, answer.body);
        assert.equal(headers['www-authenticate'], undefined);
        if (status === 200) continue;
        assert.ok(Number(headers['retry-after']) > 0);
        assert.equal(JSON.parse(answer.body).error_code, 'REQUEST_LIMIT_EXCEEDED');
        assert.equal(remaining(headers), '998');
      }
      const forbidden = await ask(ground, `POST ${ADMIN}`, key);
      assert.deepEqual([forbidden.status, remaining(forbidden.headers)], [403, '998']);
    },
  );

  ground.trap('a window does not slide for ever because of requests that were refused', async () => {
    const key = withBurst(1, 1);
    assert.equal((await ask(ground, `GET ${READ}`, key)).status, 200);
    // Never a pause as long as the window.
    await eventually(async () => assert.equal((await ask(ground, `GET ${READ}`, key)).status, 200));
  });
}

const ask = (ground: Ground, requestLine: string, key: string) =>
  ground.ask(requestLine, [...authorization(key), 'Content-Length: 0']);
