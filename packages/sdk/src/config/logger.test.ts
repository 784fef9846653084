import assert from 'node:assert/strict';
import { ConfigurationError } from '../errors/errors.ts';
import { resolveConfig } from './config.ts';
import { silentLogger } from './logger.ts';

describe('a logger', () => {
  it('has to have all its functions', () => {
    for (const logger of ['x', 5, {}, { ...silentLogger, warn: undefined }])
      assert.throws(() => resolveConfig({ logger: logger as typeof silentLogger }, {}), ConfigurationError);
  });

  it('is told, and may fail', () => {
    const told: unknown[] = [];
    const logger = {
      ...silentLogger,
      info: (...parts: unknown[]) => void told.push(parts),
      error: () => {
        throw new Error('no log');
      },
    };
    const config = resolveConfig({ logger }, {});
    config.logger.info('hello', { to: 'you' });
    config.logger.error('nobody hears');
    assert.deepEqual(told, [['hello', { to: 'you' }]]);
  });
});
