import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { captureNode } from '../lib/capture.ts';

const root = join(import.meta.dirname, '../..');
const marker = Buffer.from('M4rk3r'.repeat(6)).toString('base64url');
const ring = `now:${marker}`;
const callers = (service: string) =>
  JSON.stringify([{ name: 'gateway', token: marker, methods: [`hokusai.${service}/*`] }]);
const nats = { NATS_URL: `nats://u:${marker}@127.0.0.1:4222` };
const keysDatabase = { KEYS_DATABASE_URL: `postgres://u:${marker}@127.0.0.1/keys` };

/** What each service needs at least, with a secret wherever there can be one. */
const SERVICES: Readonly<Record<string, Record<string, string>>> = {
  gateway: {
    ...nats,
    ...{ KEYS_GRPC_URL: '127.0.0.1:1', USAGE_GRPC_URL: '127.0.0.1:1', AUDIT_GRPC_URL: '127.0.0.1:1' },
    ...{ KEYS_GRPC_TOKEN: marker, USAGE_GRPC_TOKEN: marker, AUDIT_GRPC_TOKEN: marker },
    ...{
      REDIS_URL: `redis://u:${marker}@127.0.0.1:1`,
      MLFLOW_UPSTREAM_URL: `http://u:${marker}@127.0.0.1:1`,
    },
    ...{ CACHE_SECRETS: ring, KEY_TAG_SECRETS: ring },
  },
  keys: {
    ...nats,
    ...keysDatabase,
    ...{
      KEYS_GRPC_CALLERS: callers('keys.v1.KeyValidationService'),
      KEY_PEPPERS: ring,
      KEY_TAG_SECRETS: ring,
    },
    ...{ AUDIT_GRPC_URL: '127.0.0.1:1', AUDIT_GRPC_TOKEN: marker },
  },
  usage: {
    ...nats,
    ...{
      USAGE_DATABASE_URL: `postgres://u:${marker}@127.0.0.1/usage`,
      USAGE_GRPC_CALLERS: callers('usage.v1.UsageService'),
    },
  },
  audit: {
    ...nats,
    ...{
      AUDIT_DATABASE_URL: `postgres://u:${marker}@127.0.0.1/audit`,
      AUDIT_GRPC_CALLERS: callers('audit.v1.AuditService'),
    },
    ...{
      AUDIT_CHECKPOINT_BUCKET_URL: 'https://bucket.example/audit',
      AUDIT_CHECKPOINT_ACCESS_KEY_ID: marker,
    },
    ...{
      AUDIT_CHECKPOINT_SECRET_ACCESS_KEY: marker,
      AUDIT_SIGNING_KEYS: `now:${Buffer.from(marker).subarray(0, 32).toString('base64url')}`,
    },
  },
};

describe('--print-config and --check-config', function () {
  this.timeout(60_000);
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hokusai-print-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = (service: string, option: string, env: Record<string, string>) =>
    captureNode([`services/${service}/src/main.ts`, option], { cwd: root, env });

  for (const [service, given] of Object.entries(SERVICES)) {
    it(`of the ${service} service tell what it would run with, and no secret`, async () => {
      const path = join(folder, service);
      const { NATS_URL, ...others } = given;
      writeFileSync(path, `${NATS_URL}\n`);
      const { output, exitCode } = await run(service, '--print-config', { ...others, NATS_URL_FILE: path });
      assert.equal(exitCode, 0, output);
      for (const name of Object.keys(given)) assert.match(output, new RegExp(`^${name}=`, 'm'));
      assert.match(output, new RegExp(`^NATS_URL=nats://127\\.0\\.0\\.1:4222  # from ${path}$`, 'm'));
      assert.match(output, /^LOG_LEVEL=info {2}# default$/m);
      assert.ok(!output.includes(marker), output);
      assert.ok(!output.includes('M4rk3r'), output);
    });

    it(`of the ${service} service name all that is wrong`, async () => {
      const { output, exitCode } = await run(service, '--check-config', { LOG_LEVEL: 'loud' });
      assert.equal(exitCode, 78, output);
      for (const name of ['NATS_URL', 'LOG_LEVEL']) assert.match(output, new RegExp(`\\b${name}: `));
    });
  }
});
