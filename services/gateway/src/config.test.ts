import assert from 'node:assert/strict';
import { gatewayConfig } from './config.ts';

const required = {
  KEYS_GRPC_URL: '127.0.0.1:1',
  KEYS_GRPC_TOKEN: 'x',
  USAGE_GRPC_URL: '127.0.0.1:1',
  USAGE_GRPC_TOKEN: 'x',
  AUDIT_GRPC_URL: '127.0.0.1:1',
  AUDIT_GRPC_TOKEN: 'x',
  REDIS_URL: 'redis://127.0.0.1:2',
  NATS_URL: 'nats://gateway:x@127.0.0.1:3',
  MLFLOW_UPSTREAM_URL: 'http://127.0.0.1:4',
  CACHE_SECRETS: `a:${'x'.repeat(43)}`,
};

describe('the configuration', () => {
  it('has defaults that let nobody in from outside without TLS, nor without a key', () => {
    const config = gatewayConfig.load(required);
    assert.equal(config.GATEWAY_HOST, '127.0.0.1');
    assert.equal(config.GATEWAY_PORT, 8080);
    assert.equal(config.ALLOW_INSECURE_HTTP, 'loopback');
    assert.deepEqual(config.TRUSTED_PROXIES, []);
    assert.deepEqual(config.EXCLUDED_PATHS, []);
    assert.equal(config.PUBLIC_ORIGINS, undefined);
    assert.equal(config.MLFLOW_ASSISTANT, false);
  });

  it('takes lists', () => {
    const config = gatewayConfig.load({
      ...required,
      TRUSTED_PROXIES: 'loopback, 10.0.0.0/8,2001:db8::/32',
      PUBLIC_ORIGINS: 'https://a.example, http://b.example:8080',
      EXCLUDED_PATHS: '/mlflow/version,/mlflow/*',
    });
    assert.deepEqual(config.TRUSTED_PROXIES, ['loopback', '10.0.0.0/8', '2001:db8::/32']);
    assert.deepEqual(config.PUBLIC_ORIGINS, ['https://a.example', 'http://b.example:8080']);
    assert.deepEqual(config.EXCLUDED_PATHS, ['/mlflow/version', '/mlflow/*']);
  });

  it('takes no upstream with a query or a fragment, and shows neither', () => {
    for (const rest of ['?token=M4rk3r', '#M4rk3r', '?'])
      assert.throws(
        () => gatewayConfig.load({ ...required, MLFLOW_UPSTREAM_URL: `http://a.example${rest}` }),
        ({ message }: Error) =>
          /MLFLOW_UPSTREAM_URL: has a query/.test(message) && !message.includes('M4rk3r'),
      );
  });

  it('takes no port for both clients and health', () => {
    const load = (settings: object) => () => gatewayConfig.load({ ...required, ...settings });
    assert.throws(load({ HEALTH_PORT: '8080' }), /HEALTH_PORT: is also GATEWAY_PORT/);
    load({ GATEWAY_PORT: '0', HEALTH_PORT: '0' })();
  });

  it('takes a Redis, or several nodes of a cluster, and shares limits out without it', () => {
    assert.equal(gatewayConfig.load(required).REDIS_URL, 'redis://127.0.0.1:2');
    assert.equal(gatewayConfig.load(required).RATE_LIMIT_ON_REDIS_LOSS, 'local-share');
    const REDIS_URL = 'rediss://u:p@a:1, rediss://u:p@b:2';
    assert.equal(
      gatewayConfig.load({ ...required, REDIS_URL }).REDIS_URL,
      'rediss://u:p@a:1,rediss://u:p@b:2',
    );
  });

  it('takes paths that need no key anyway for such', () => {
    const EXCLUDED_PATHS = '/livez,/api/v1/docs/*,/api/v1/openapi.json,/api/v1/version';
    assert.equal(gatewayConfig.load({ ...required, EXCLUDED_PATHS }).EXCLUDED_PATHS.length, 4);
  });

  it('can be told without its secrets, and without credentials in URLs', () => {
    const marker = Buffer.from('M4rk3r'.repeat(6)).toString('base64url');
    const row = {
      ...{ id: 'a', prefix: '/a', target: `http://u:${marker}@a.example/p`, auth: 'none' },
      test_target: `http://${marker}@b.example`,
    };
    const secret = { ...row, id: 'b', prefix: '/b', target: 'http://c', authorization: `Bearer ${marker}` };
    const { test_target: _, ...other } = secret;
    const config = gatewayConfig.load({
      ...required,
      ...{ KEYS_GRPC_TOKEN: marker, USAGE_GRPC_TOKEN: marker, AUDIT_GRPC_TOKEN: marker },
      REDIS_URL: `redis://:${marker}@r1:1/0?password=${marker},redis://r2:2`,
      NATS_URL: `nats://gateway:${marker}@nats:4222`,
      MLFLOW_UPSTREAM_URL: `https://u:${marker}@mlflow.example/base`,
      MLFLOW_TEST_UPSTREAM_URL: `http://${marker}:x@test.example`,
      UPSTREAMS: JSON.stringify([row, other]),
      CACHE_SECRETS: `c2:${marker},c1:${marker}`,
      KEY_TAG_SECRETS: `1:${marker}`,
    });
    const told = gatewayConfig.describe({
      ...config,
      ...{ KEYS_GRPC_TLS_KEY: marker, USAGE_GRPC_TLS_KEY: marker, AUDIT_GRPC_TLS_KEY: marker },
    });
    assert.ok(!JSON.stringify(told).includes(marker.slice(0, 8)), JSON.stringify(told));
    assert.deepEqual(
      [
        'KEYS_GRPC_TOKEN',
        'REDIS_URL',
        'NATS_URL',
        'MLFLOW_UPSTREAM_URL',
        'CACHE_SECRETS',
        'KEY_TAG_SECRETS',
      ].map((name) => told[name]),
      [
        '[set]',
        ['redis://r1:1/0', 'redis://r2:2'],
        'nats://nats:4222',
        'https://mlflow.example/base',
        ['c2', 'c1'],
        '[set]',
      ],
    );
    const [first, second] = told['UPSTREAMS'] as { target: string; authorization?: string }[];
    assert.deepEqual([first?.target, second?.authorization], ['http://a.example/p', '[set]']);
    assert.deepEqual(
      [told['GATEWAY_PORT'], told['EXCLUDED_PATHS'], told['MLFLOW_ASSISTANT']],
      [8080, [], false],
    );
  });

  it('tells each variable that is no secret as it is', () => {
    const told = gatewayConfig.describe(gatewayConfig.load(required));
    const hidden = Object.entries(told).filter(([, value]) => value === '[set]');
    assert.deepEqual(
      hidden.map(([name]) => name),
      ['AUDIT_GRPC_TOKEN', 'KEYS_GRPC_TOKEN', 'KEY_TAG_SECRETS', 'USAGE_GRPC_TOKEN'],
    );
  });

  it('observes no server that its own credential opens', () => {
    const row = {
      id: 'a',
      prefix: '/a',
      target: 'http://a',
      read_scope: 'mlflow:read',
      write_scope: 'admin',
    };
    const lending = (more: Record<string, string>) => () =>
      gatewayConfig.load({ ...required, AUTH_MODE: 'observe', ...more });
    assert.doesNotThrow(lending({ UPSTREAMS: JSON.stringify([row]) }));
    const closed = 'http://admin:s3cret@127.0.0.1:5000';
    for (const more of [
      { MLFLOW_UPSTREAM_URL: closed },
      { MLFLOW_TEST_UPSTREAM_URL: closed },
      { UPSTREAMS: JSON.stringify([{ ...row, authorization: 'Bearer s3cret' }]) },
      { UPSTREAMS: JSON.stringify([{ ...row, target: closed }]) },
    ])
      assert.throws(lending(more), ({ message }: Error) => {
        assert.match(
          message,
          new RegExp(`${Object.keys(more)[0]}: holds a credential, which AUTH_MODE=observe`),
        );
        return !message.includes('s3cret');
      });
    assert.doesNotThrow(() => gatewayConfig.load({ ...required, MLFLOW_UPSTREAM_URL: closed }));
  });

  const wrong: [name: string, values: string[]][] = [
    ['TRUSTED_PROXIES', ['anywhere', '10.0.0.0/99', '10.0.0.1,,10.0.0.2']],
    ['PUBLIC_ORIGINS', ['https://a.example/', 'a.example', 'null', '*', 'HTTPS://a.example']],
    ['EXCLUDED_PATHS', ['/api/*', '/api/v1/*', '/api/v1/auth/keys', '/api']],
    ['UPSTREAMS', ['x', '{}', '[{}]', '[{"id":"a","prefix":"/api","target":"http://x","auth":"none"}]']],
    ['UPSTREAM_MAX_IN_FLIGHT', ['0', 'many']],
    ['KEY_MAX_IN_FLIGHT', ['0', '-1']],
    ['EXCLUDED_PATHS', ['mlflow', '/a/../b', '//a', '/a/*/b', '*', '/a/%2e%2e', '/a?b']],
    ['MLFLOW_UPSTREAM_URL', ['127.0.0.1:5000', 'ftp://x', '']],
    ['REDIS_URL', ['127.0.0.1:6379', 'http://x', 'redis://a,b:1', 'redis://a,']],
    ['RATE_LIMIT_ON_REDIS_LOSS', ['share', 'OPEN', 'true']],
    ['BODY_IDLE_TIMEOUT_MS', ['0', '-1', '1.5', '10s']],
    ['API_KEY_IN_QUERY', ['yes', '1']],
  ];
  for (const [name, values] of wrong) {
    for (const value of values)
      it(`refuses ${name}=${value}`, () => {
        assert.throws(() => gatewayConfig.load({ ...required, [name]: value }), new RegExp(`${name}: `));
      });
  }
});
