import assert from 'node:assert/strict';
import { ConfigError } from '@hokusai/service-kit';
import { loadStartConfig } from './config.ts';

describe('configuration of a start', () => {
  it('has the gateway on port 8080 of the loopback', () => {
    const { gatewayHost, ports, given } = loadStartConfig({});
    assert.deepEqual(
      { gatewayHost, ports, given },
      { gatewayHost: '127.0.0.1', ports: { GATEWAY_PORT: 8080 }, given: {} },
    );
  });

  it('names all that is wrong at once', () => {
    const env = {
      GATEWAY_PORT: 'eighty',
      REDIS_URL: 'localhost:6379',
      MLFLOW_UPSTREAM_URL: 'ftp://mlflow',
      KEYS_DATABASE_URL: 'postgres://there/keys',
      NATS_URL_FILE: '/does/not/exist',
    };
    assert.throws(
      () => loadStartConfig(env),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(error.problems.map((problem) => problem.split(':')[0]).sort(), [
          'GATEWAY_PORT',
          'KEYS_OWNER_DATABASE_URL',
          'MLFLOW_UPSTREAM_URL',
          'NATS_URL_FILE',
          'REDIS_URL',
        ]);
        assert.doesNotMatch(error.message, /eighty|localhost/);
        return true;
      },
    );
  });

  it('takes no port for two servers', () => {
    const load = (env: Record<string, string>) => () => loadStartConfig(env);
    assert.throws(load({ KEYS_GRPC_PORT: '8080' }), /KEYS_GRPC_PORT: is also GATEWAY_PORT; give it a port/);
    assert.throws(load({ NATS_PORT: '4222', REDIS_PORT: '4222' }), /NATS_PORT: is also REDIS_PORT/);
    load({ KEYS_GRPC_PORT: '8080', GATEWAY_HOST: '192.0.2.1' })();
    load({ KEYS_GRPC_PORT: '0', NATS_PORT: '0' })();
  });

  it('does not take what the last start generated as given', () => {
    const saved = { REDIS_URL: 'redis://:generated@127.0.0.1:1', GATEWAY_PORT: '9000' };
    const { given, ports } = loadStartConfig({ ...saved }, saved);
    assert.deepEqual(given, {});
    assert.equal(ports.GATEWAY_PORT, 9000);
    assert.equal(loadStartConfig({ REDIS_URL: 'redis://other' }, saved).given.REDIS_URL, 'redis://other');
  });

  it('passes on the settings of the services, and no secret that is not for all', () => {
    const env = {
      LOG_LEVEL: 'debug',
      OUTAGE_GRACE_SECONDS: '0',
      GATEWAY_WORKERS: 'auto',
      MLFLOW_TEST_UPSTREAM_URL: 'http://staging',
      REDIS_URL: 'redis://there',
      KEY_PEPPERS_FILE: import.meta.filename,
      BOOTSTRAP_ADMIN_KEY_FILE: '/elsewhere',
      KEYS_OWNER_DATABASE_URL: 'postgres://owner@there/keys',
      KEYS_DATABASE_URL: 'postgres://there/keys',
      KEYS_GRPC_TOKEN: 'of another stack',
      KEYS_GRPC_CALLERS_FILE: '/elsewhere',
    };
    const { LOG_LEVEL, OUTAGE_GRACE_SECONDS, GATEWAY_WORKERS, MLFLOW_TEST_UPSTREAM_URL } = env;
    const { passedOn } = loadStartConfig(env);
    assert.deepEqual(passedOn, {
      LOG_LEVEL,
      OUTAGE_GRACE_SECONDS,
      GATEWAY_WORKERS,
      MLFLOW_TEST_UPSTREAM_URL,
    });
  });
});
