import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type Environment, loadConfig } from './config.ts';
import { grpcServerVariables } from './grpc/variables.ts';
import { collide, listenAt, listeningError, ownPortsRule } from './listening.ts';
import { healthVariables } from './service-variables.ts';

describe('addresses of servers', () => {
  const load = (env: Environment) => {
    const { KEYS_GRPC_HOST, KEYS_GRPC_PORT } = grpcServerVariables('KEYS', []);
    const shape = { KEYS_GRPC_HOST, KEYS_GRPC_PORT, ...healthVariables() };
    return () => loadConfig(shape, env, [ownPortsRule('KEYS_GRPC')]);
  };

  it('are not taken twice in one process', () => {
    const twice = { KEYS_GRPC_PORT: '9000', HEALTH_PORT: '9000' };
    assert.throws(load(twice), /HEALTH_PORT: is also KEYS_GRPC_PORT; give it a port of its own/);
    assert.throws(load({ ...twice, HEALTH_HOST: '0.0.0.0' }), /is also KEYS_GRPC_PORT/);
    load({ ...twice, KEYS_GRPC_HOST: '10.0.0.1' })();
    load({ ...twice, HEALTH_PORT: '9001' })();
    load({})();
  });

  it('collide where one is all addresses', () => {
    const pair = (one: string, other: string) =>
      collide({ host: one, port: 9000 }, { host: other, port: 9000 });
    assert.ok(pair('10.0.0.1', '0.0.0.0') && pair('::', '10.0.0.1') && pair('::1', '[::]'));
    assert.ok(!pair('::1', '0.0.0.0') && !pair('127.0.0.1', '10.0.0.1'));
  });

  it('that are taken are told with the variable to change', async () => {
    const first = createServer();
    const port = await listenAt(first, { host: '127.0.0.1', port: 0 }, 'HEALTH');
    try {
      await assert.rejects(listenAt(createServer(), { host: '127.0.0.1', port }, 'HEALTH'), {
        name: 'StartupError',
        message: `Port ${port} on 127.0.0.1 is in use: end the process that has it, or set HEALTH_PORT to a free port.`,
      });
    } finally {
      first.close();
    }
    const address = { host: '192.0.2.1', port: 80 };
    const told = (message: string) => listeningError(new Error(message), address, 'KEYS_GRPC').message;
    assert.match(told('errors: [listen EACCES: permission denied]'), /KEYS_GRPC_PORT to one from 1024/);
    assert.match(told('listen EADDRNOTAVAIL 192.0.2.1'), /KEYS_GRPC_HOST to one that is/);
    assert.match(told('no idea'), /KEYS_GRPC_HOST, KEYS_GRPC_PORT\): no idea/);
  });
});
