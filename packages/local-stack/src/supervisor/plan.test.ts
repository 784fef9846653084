import assert from 'node:assert/strict';
import { loadStartConfig, PORT_VARIABLES, type PortVariable, SERVICES } from '../config.ts';
import { createPlan } from './plan.ts';

const ports = Object.fromEntries(PORT_VARIABLES.map((name, index) => [name, 4000 + index])) as Record<
  PortVariable,
  number
>;

function plan(env: Record<string, string> = {}, saved: Record<string, string> = {}) {
  let count = 0;
  const random = (bytes: number) => {
    count += 1;
    return `random-${bytes}-${count}`.padEnd(43, 'x');
  };
  const config = loadStartConfig(env, saved);
  return createPlan({
    config,
    saved,
    ports,
    adminKeyFile: '/home/admin.key',
    spoolDirectory: '/home/data/spool',
    checkpointDirectory: '/home/data/audit-checkpoints',
    random,
  });
}

const databases = (service: string) => ({
  [`${service}_DATABASE_URL`]: `postgres://there/${service}`,
  [`${service}_OWNER_DATABASE_URL`]: `postgres://owner@there/${service}`,
});

describe('plan of a local stack', () => {
  it('gives everything a password of its own', () => {
    const { envFile } = plan();
    const passwords = Object.values(envFile)
      .filter((value) => URL.canParse(value) && !value.startsWith('http:'))
      .map((value) => new URL(value).password);
    assert.equal(passwords.length, 14);
    assert.equal(new Set(passwords).size, passwords.length);
    assert.ok(passwords.every((password) => password.length >= 32));
  });

  it('keeps passwords and rings over a restart', () => {
    const first = plan().envFile;
    assert.deepEqual(plan({}, first).envFile, first);
  });

  it('tells each service its own secrets and no other’s', () => {
    const { serviceEnv, envFile } = plan();
    const own = {
      keys: ['KEYS_DATABASE_URL', 'KEYS_NATS_URL', 'KEY_TAG_SECRETS', 'KEY_PEPPERS', 'KEYS_AUDIT_GRPC_TOKEN'],
      usage: ['USAGE_DATABASE_URL', 'USAGE_NATS_URL'],
      audit: ['AUDIT_DATABASE_URL', 'AUDIT_NATS_URL', 'AUDIT_SIGNING_KEYS'],
      gateway: [
        'GATEWAY_NATS_URL',
        'REDIS_URL',
        'KEY_TAG_SECRETS',
        'CACHE_SECRETS',
        'MLFLOW_UPSTREAM_URL',
        'GATEWAY_KEYS_GRPC_TOKEN',
        'GATEWAY_USAGE_GRPC_TOKEN',
        'GATEWAY_AUDIT_GRPC_TOKEN',
      ],
    };
    const secrets = Object.entries(envFile).filter(
      ([name]) => /_URL$|SECRETS$|PEPPERS$|SIGNING_KEYS$|TOKEN$/.test(name) && name !== 'GATEWAY_URL',
    );
    for (const service of SERVICES) {
      const given = new Set(Object.values(serviceEnv[service]));
      const told = secrets.filter(([, value]) => given.has(value)).map(([name]) => name);
      assert.deepEqual(told.sort(), own[service].sort(), service);
    }
  });

  it('starts no server for what is given, and writes nothing given to the file', () => {
    const { local, envFile, serviceEnv } = plan({
      ...databases('KEYS'),
      ...databases('USAGE'),
      ...databases('AUDIT'),
      REDIS_URL: 'redis://there',
      NATS_URL: 'nats://there',
      MLFLOW_UPSTREAM_URL: 'http://there',
    });
    assert.deepEqual(local, { postgres: false, redis: false, nats: false, mlflow: false });
    assert.ok(Object.values(envFile).every((value) => !value.includes('there')));
    assert.equal(serviceEnv.usage['USAGE_DATABASE_URL'], 'postgres://there/USAGE');
    assert.equal(serviceEnv.gateway['NATS_URL'], 'nats://there');
  });

  it('starts Postgres for the databases that are not given', () => {
    const { local, databases: planned } = plan(databases('AUDIT'));
    assert.equal(local.postgres, true);
    assert.deepEqual(Object.keys(planned), ['keys', 'usage']);
  });

  it('has the gateway keep usage in the home while NATS is away, unless told otherwise', () => {
    const spool = (env: Record<string, string>) => plan(env).serviceEnv.gateway['USAGE_SPOOL_DIR'];
    assert.equal(spool({}), '/home/data/spool');
    assert.equal(spool({ USAGE_SPOOL_DIR: '/elsewhere' }), undefined);
  });

  it('has the audit log signed, and what is signed kept in the home, unless told otherwise', () => {
    const audit = (env: Record<string, string>) => plan(env).serviceEnv.audit;
    assert.match(audit({})['AUDIT_SIGNING_KEYS'] ?? '', /^1:/);
    assert.equal(audit({})['AUDIT_CHECKPOINT_DIR'], '/home/data/audit-checkpoints');
    assert.equal(audit({ AUDIT_CHECKPOINT_DIR: '/elsewhere' })['AUDIT_CHECKPOINT_DIR'], undefined);
    assert.equal(audit({ AUDIT_SIGNING_KEYS: '2:given' })['AUDIT_SIGNING_KEYS'], '2:given');
  });

  it('lets a NATS elsewhere have a user for each service', () => {
    const { serviceEnv, natsAdminUrl } = plan({
      NATS_URL: 'nats://all@there',
      AUDIT_NATS_URL: 'nats://audit@there',
      NATS_ADMIN_URL: 'nats://admin@there',
    });
    assert.equal(serviceEnv.audit['NATS_URL'], 'nats://audit@there');
    assert.equal(serviceEnv.keys['NATS_URL'], 'nats://all@there');
    assert.equal(natsAdminUrl, 'nats://admin@there');
  });

  it('names an address to connect to when the gateway listens on all', () => {
    assert.equal(plan({ GATEWAY_HOST: '0.0.0.0' }).gatewayUrl, 'http://127.0.0.1:4000');
    assert.equal(plan({ GATEWAY_HOST: '::1' }).gatewayUrl, 'http://[::1]:4000');
  });
});
