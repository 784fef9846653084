/** Two gateways' authentication against the real keys service, on real Postgres and Redis. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createServiceClient,
  fromTimestamp,
  type ServiceClient,
  services,
  toTimestamp,
} from '@hokusai/contracts';
import { parseTagRing } from '@hokusai/key-format';
import {
  createPostgresServer,
  createRedis,
  eventually,
  freePort,
  grpcCallers,
  grpcToken,
  spawnService,
  type TestPostgres,
  type TestRedis,
  type TestService,
} from '@hokusai/testing';
import type { Authentication } from '../src/cache/index.ts';
import { decide } from '../src/domain/decision.ts';
import { openAuthentication } from './support/authentication.ts';

const secret = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`;
const TAG_SECRETS = secret('t1');
const SETTINGS = { stateTtlMs: 300_000, negativeTtlMs: 10_000, followStaleMs: 2000, outageGraceMs: 3000 };

describe('Authentication with the keys service', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'hokusai-gateway-'));
  const closers: (() => unknown)[] = [];
  let postgres: TestPostgres;
  let redis: TestRedis;
  let service: TestService;
  let serviceEnv: Record<string, string>;
  let management: ServiceClient<typeof services.keyManagement>;
  let caller: { actingKeyId: string; actingKeyPrefix: string; requestId: string };
  let gateways: Authentication[];

  before(async () => {
    postgres = await createPostgresServer();
    redis = await createRedis();
    const database = await postgres.createDatabase('keys');
    const adminKeyFile = join(folder, 'admin.key');
    const port = await freePort();
    serviceEnv = {
      KEYS_DATABASE_URL: database.url,
      KEYS_GRPC_PORT: String(port),
      KEYS_GRPC_CALLERS: grpcCallers(services.keyValidation, services.keyManagement),
      HEALTH_PORT: String(await freePort()),
      KEY_PEPPERS: secret('p1'),
      KEY_TAG_SECRETS: TAG_SECRETS,
      ARGON2_MEMORY_KIB: '64',
      ARGON2_TIME_COST: '1',
      BOOTSTRAP_ADMIN_KEY_FILE: adminKeyFile,
      EXPIRY_SWEEP_SECONDS: '1',
      // Nobody is there, which the service has to bear.
      NATS_URL: 'nats://keys:none@127.0.0.1:9',
      AUDIT_GRPC_URL: '127.0.0.1:9',
      AUDIT_GRPC_TOKEN: grpcToken,
    };
    await startService();
    const address = `127.0.0.1:${port}`;
    management = createServiceClient(services.keyManagement, {
      peer: 'keys',
      address,
      timeoutMs: 10_000,
      token: grpcToken,
    });
    closers.push(() => management.close());
    gateways = [newGateway(address), newGateway(address)];
    await everywhere((gateway) => Promise.resolve(assert.ok(gateway.following())));
    const admin = await find(readFileSync(adminKeyFile, 'utf8').trim());
    assert.ok(admin);
    const { keyId, keyPrefix } = admin.proof;
    caller = { actingKeyId: keyId, actingKeyPrefix: keyPrefix, requestId: 'r' };
  });

  after(async () => {
    for (const close of closers.reverse()) await close();
    await service?.stop();
    await postgres?.close();
    await redis?.close();
    rmSync(folder, { recursive: true });
  });

  async function startService(): Promise<void> {
    const options = { entry: 'services/keys/src/main.ts', env: serviceEnv, readyTimeoutMs: 60_000 };
    service = await spawnService(options);
  }

  function newGateway(address: string): Authentication {
    const ring = parseTagRing(TAG_SECRETS);
    assert.ok(ring.problem === undefined);
    const authentication = openAuthentication({
      keys: address,
      redisUrl: redis.url,
      tagRing: ring.ring,
      settings: SETTINGS,
      keysTimeoutMs: 5000,
    });
    authentication.start();
    closers.push(() => authentication.close());
    return authentication;
  }

  const find = (key: string, gateway = gateways[0]) => gateway?.lookup.find(key, 'r');

  async function createKey(expiresAt: Date | null = null): Promise<{ plaintext: string; keyId: string }> {
    const request = { caller, name: 'test', expiresAt: expiresAt && toTimestamp(expiresAt) };
    const { plaintext, key } = await management.call('CreateKey', request);
    assert.ok(key);
    return { plaintext, keyId: key.id };
  }

  /** What a request with the key would be told; undefined if it would be served. */
  async function refusalOf(key: string, gateway: Authentication): Promise<string | undefined> {
    const found = await gateway.lookup.find(key, 'r');
    if (!found) return 'unknown_key';
    return decide(found, { clientIp: '127.0.0.1', scope: 'mlflow:read' })?.reason;
  }

  async function everywhere(
    check: (gateway: Authentication) => Promise<void>,
    timeoutMs = 30_000,
  ): Promise<void> {
    await eventually(() => Promise.all(gateways.map(check)).then(() => {}), { timeoutMs });
  }

  it('knows a fresh key at once on both gateways', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { plaintext } = await createKey();
      for (const gateway of gateways) assert.equal(await refusalOf(plaintext, gateway), undefined);
    }
  });

  it('refuses a revoked key on both gateways as soon as they hear of it, and from then on', async () => {
    const { plaintext, keyId } = await createKey();
    for (const gateway of gateways) assert.equal(await refusalOf(plaintext, gateway), undefined);
    await management.call('RevokeKey', { caller, keyId, reason: 'leaked' });
    await everywhere(async (gateway) => {
      assert.equal(await refusalOf(plaintext, gateway), 'key_revoked');
    });
    for (const gateway of gateways) assert.equal(await refusalOf(plaintext, gateway), 'key_revoked');
  });

  it('refuses an expired key on both gateways to the second, and says the same when it is swept', async () => {
    const expiresAtMs = Date.now() + 3000;
    const { plaintext, keyId } = await createKey(new Date(expiresAtMs));
    let [lastServedAtMs, firstRefusedAtMs] = [0, Number.POSITIVE_INFINITY];
    await everywhere(async (gateway) => {
      const askedAtMs = Date.now();
      const refusal = await refusalOf(plaintext, gateway);
      if (refusal === undefined) lastServedAtMs = Math.max(lastServedAtMs, askedAtMs);
      else firstRefusedAtMs = Math.min(firstRefusedAtMs, Date.now());
      assert.equal(refusal, 'key_expired');
    });
    // Never late, by the database's clock, which here is the machine's; and early by no more than lies between
    // a ping and the tick that echoes it.
    assert.ok(lastServedAtMs > 0 && lastServedAtMs < expiresAtMs + 50, `${lastServedAtMs - expiresAtMs} ms`);
    assert.ok(
      firstRefusedAtMs > expiresAtMs - SETTINGS.followStaleMs - 500,
      `${firstRefusedAtMs - expiresAtMs} ms`,
    );
    const isSwept = async () =>
      assert.equal((await management.call('GetKey', { caller, keyId })).key?.isActive, false);
    await eventually(isSwept);
    await everywhere(async (gateway) => {
      const found = await gateway.lookup.find(plaintext, 'r');
      assert.equal(found?.state.isActive, false);
      assert.equal(await refusalOf(plaintext, gateway), 'key_expired');
    });
  });

  it('tells both of the secrets of a rotated key apart, and says when the old one was replaced', async () => {
    const first = await createKey();
    for (const gateway of gateways) assert.equal(await refusalOf(first.plaintext, gateway), undefined);
    const rotate = async (seconds: string) => {
      const gracePeriod = { seconds, nanos: 0 };
      const rotated = await management.call('RotateKey', { caller, keyId: first.keyId, gracePeriod });
      return { plaintext: rotated.plaintext, rotatedAt: fromTimestamp(rotated.key?.rotatedAt) };
    };
    const second = await rotate('600');
    await everywhere(async (gateway) => {
      assert.equal(await refusalOf(first.plaintext, gateway), undefined);
      assert.equal(await refusalOf(second.plaintext, gateway), undefined);
    });
    const third = await rotate('0');
    const end = { caller, keyId: first.keyId, keyPrefix: first.plaintext.slice(0, 20) };
    await management.call('EndRetiredSecret', end);
    const replaced = [
      { plaintext: first.plaintext, at: second.rotatedAt },
      { plaintext: second.plaintext, at: third.rotatedAt },
    ];
    await everywhere(async (gateway) => {
      for (const { plaintext, at } of replaced) {
        const found = await gateway.lookup.find(plaintext, 'r');
        const refusal = found && decide(found, { clientIp: '127.0.0.1', scope: 'mlflow:read' });
        assert.equal(refusal?.reason, 'secret_rotated');
        const prefix = plaintext.slice(0, 20);
        const when = `${at?.toISOString().slice(0, 19)}Z`;
        const current = third.plaintext.slice(0, 20);
        assert.ok(
          refusal.message.startsWith(
            `The API key ${prefix} was rotated on ${when}: the one that starts with ${current} replaced it.`,
          ),
          refusal.message,
        );
      }
      assert.equal(await refusalOf(third.plaintext, gateway), undefined);
    });
  });

  it('answers from memory between changes', async () => {
    const { plaintext } = await createKey();
    const gateway = gateways[0] as Authentication;
    await find(plaintext, gateway);
    const before = gateway.stats().lookups;
    for (let use = 0; use < 200; use += 1) assert.equal(await refusalOf(plaintext, gateway), undefined);
    const { l1Hits, refreshes, validations } = gateway.stats().lookups;
    assert.equal(l1Hits - before.l1Hits, 200);
    assert.deepEqual([refreshes, validations], [before.refreshes, before.validations]);
  });

  it('trusts the new database after a restart of Postgres, once it has read again', async () => {
    const { plaintext, keyId } = await createKey();
    await find(plaintext);
    const resets = gateways.map((gateway) => gateway.stats().follow.resets);
    await postgres.stop();
    await postgres.start();
    await everywhere((gateway) => {
      const isReset = gateway.stats().follow.resets > (resets[gateways.indexOf(gateway)] ?? 0);
      return Promise.resolve(assert.ok(isReset && gateway.following()));
    });
    for (const gateway of gateways) assert.equal(await refusalOf(plaintext, gateway), undefined);
    await management.call('RevokeKey', { caller, keyId });
    await everywhere(async (gateway) => {
      assert.equal(await refusalOf(plaintext, gateway), 'key_revoked');
    });
  });

  const faults: [string, () => Promise<unknown>, () => Promise<unknown>][] = [
    ['hangs', () => service.pause(), () => service.resume()],
    ['was killed', killService, startService],
  ];
  for (const [name, harm, mend] of faults) {
    it(`serves warm keys for the grace when the keys service ${name}, then 503, then all again`, async () => {
      const { plaintext } = await createKey();
      const cold = await createKey();
      for (const gateway of gateways) assert.equal(await refusalOf(plaintext, gateway), undefined);
      const graceBefore = new Map(gateways.map((each) => [each, each.stats().lookups.graceServed]));
      await harm();
      const harmedAtMs = performance.now();
      const isServed = async (gateway: Authentication) => {
        assert.equal(await refusalOf(plaintext, gateway), undefined);
      };
      const isUnavailable = (key: string) => (gateway: Authentication) =>
        assert.rejects(refusalOf(key, gateway), { code: 'unavailable' });
      await everywhere(async (gateway) => {
        await isServed(gateway);
        assert.ok(gateway.stats().lookups.graceServed > (graceBefore.get(gateway) ?? 0));
      });
      await Promise.all(gateways.map(isUnavailable(cold.plaintext)));
      let lastServedAtMs = 0;
      await everywhere(async (gateway) => {
        const askedAtMs = performance.now();
        await assert.rejects(
          async () => {
            await gateway.lookup.find(plaintext, 'r');
            lastServedAtMs = Math.max(lastServedAtMs, askedAtMs);
          },
          { code: 'unavailable' },
        );
      });
      const boundMs = SETTINGS.followStaleMs + SETTINGS.outageGraceMs;
      assert.ok(lastServedAtMs < harmedAtMs + boundMs, `${lastServedAtMs - harmedAtMs} ms`);
      await mend();
      await everywhere(async (gateway) => {
        assert.ok(gateway.following());
        assert.equal(await refusalOf(plaintext, gateway), undefined);
        assert.equal(await refusalOf(cold.plaintext, gateway), undefined);
      }, 30_000);
    });
  }

  async function killService(): Promise<void> {
    service.signal('SIGKILL');
    await service.exited;
  }
});
