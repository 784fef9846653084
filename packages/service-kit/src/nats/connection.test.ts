import assert from 'node:assert/strict';
import { natsOptionsOf } from './connection.ts';

describe('natsOptionsOf', () => {
  it('takes servers and credentials apart', () => {
    assert.deepEqual(natsOptionsOf('nats://keys:p%40ss@a:4222, nats://b:4223'), {
      servers: ['a:4222', 'b:4223'],
      user: 'keys',
      pass: 'p@ss',
    });
    assert.deepEqual(natsOptionsOf('nats://a:4222'), { servers: ['a:4222'] });
  });

  it('insists on TLS where the URL does, so that no password goes out in the clear', () => {
    assert.ok(natsOptionsOf('tls://a:4222').tls);
    assert.equal(natsOptionsOf('nats://a:4222').tls, undefined);
  });
});
