import assert from 'node:assert/strict';
import { doubtfulVariables } from './config-doubts.ts';

const NAMES = ['GATEWAY_PORT', 'NATS_URL', 'REDIS_URL', 'LOG_LEVEL', 'KEYS_GRPC_TOKEN'];
const nearestOf = (name: string, env = {}) => doubtfulVariables(NAMES, { ...env, [name]: 'x' })[0]?.nearest;

describe('a variable that nobody reads', () => {
  it('is doubted where it is nearly one that is read', () => {
    assert.equal(nearestOf('GATEWAY_PROT'), 'GATEWAY_PORT');
    assert.equal(nearestOf('gateway_port'), 'GATEWAY_PORT');
    assert.equal(nearestOf('NATS_URI'), 'NATS_URL');
    assert.equal(nearestOf('LOGLEVEL'), 'LOG_LEVEL');
    assert.equal(nearestOf('KEYS_GRPC_TOKENFILE'), 'KEYS_GRPC_TOKEN_FILE');
  });

  it('is not where it is another one', () => {
    for (const name of [
      'PATH',
      'HOME',
      'NODE_ENV',
      'PORT',
      'KEYS_GRPC_URL',
      'GATEWAY_PORT',
      'REDIS_URL_FILE',
    ])
      assert.equal(nearestOf(name), undefined, name);
  });

  it('is not where what it could mean is set, or it is empty', () => {
    assert.equal(nearestOf('NATS_URI', { NATS_URL: 'x' }), undefined);
    assert.deepEqual(doubtfulVariables(NAMES, { NATS_URI: '' }), []);
  });
});
