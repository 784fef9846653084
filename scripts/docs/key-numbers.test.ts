import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GRACE_LIMIT_SECONDS } from '@hokusai/contracts/fields';
import { gatewayConfig } from '../../services/gateway/src/config.ts';
import { serviceConfig } from '../../services/keys/src/config.ts';
import { RETIRED_SECRET_RETENTION_MS } from '../../services/keys/src/domain/expiry.ts';
import { REPLAY_TTL_MS } from '../../services/keys/src/domain/repetition.ts';

const PAGE = join(import.meta.dirname, '../../docs/security/api-keys.md');
const RING = `a:${Buffer.alloc(32).toString('base64url')}`;
const DAY_MS = 24 * 3_600_000;
/** What has no default. */
const REQUIRED = {
  ...Object.fromEntries(['KEYS', 'USAGE', 'AUDIT'].map((name) => [`${name}_GRPC_URL`, '127.0.0.1:1'])),
  ...Object.fromEntries(['KEYS', 'USAGE', 'AUDIT'].map((name) => [`${name}_GRPC_TOKEN`, 'a'.repeat(43)])),
  KEYS_GRPC_CALLERS: JSON.stringify([
    { name: 'gateway', token: RING.slice(2), methods: ['hokusai.keys.v1.KeyManagementService/*'] },
  ]),
  KEYS_DATABASE_URL: 'postgres://127.0.0.1/keys',
  REDIS_URL: 'redis://127.0.0.1',
  NATS_URL: 'nats://127.0.0.1',
  MLFLOW_UPSTREAM_URL: 'http://127.0.0.1:5000',
  CACHE_SECRETS: RING,
  KEY_PEPPERS: RING,
};

/** The rows of its table of numbers. */
function rows(): { what: string; shown: string; variable: string | undefined }[] {
  const [, section = ''] = /^## Numbers$([\s\S]*)/m.exec(readFileSync(PAGE, 'utf8')) ?? [];
  return [...section.matchAll(/^\| (.+?) \| (\d.*?) \| (?:`(\w+)`)? ?\|$/gm)].map(
    ([, what = '', shown = '', variable]) => ({ what, shown, variable }),
  );
}

describe('the page on the safety of keys', () => {
  it('has the defaults of variables', () => {
    const defaults: Record<string, unknown> = {
      ...serviceConfig.load(REQUIRED),
      ...gatewayConfig.load(REQUIRED),
    };
    const found = rows().filter(({ variable }) => variable !== undefined);
    assert.ok(found.length > 10);
    for (const { shown, variable = '' } of found)
      assert.equal(shown.split(' ')[0], String(defaults[variable]), variable);
  });

  it('has the fixed numbers that keys, rotations and repetitions go by', () => {
    const shown = Object.fromEntries(rows().map((row) => [row.what, row.shown]));
    assert.equal(shown['longest grace'], `${(GRACE_LIMIT_SECONDS * 1000) / DAY_MS} days`);
    const remembered = shown['how long a replaced secret is remembered after its end'];
    assert.equal(remembered, `${RETIRED_SECRET_RETENTION_MS / DAY_MS} days`);
    const repeated = shown['repetition of a request with an `Idempotency-Key`'];
    assert.equal(repeated, `${REPLAY_TTL_MS / 60_000} minutes`);
  });
});
