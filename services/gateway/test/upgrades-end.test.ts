/** How upgraded connections come to their end, and wait for those who read slowly. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { eventually } from '@hokusai/testing';
import { refusalError } from '../src/domain/refusals.ts';
import { stopServing } from '../src/http/stop-serving.ts';
import { rawConnection } from './support/raw-client.ts';
import { reasonOn, UPGRADE, UpgradeGround } from './support/upgrade-ground.ts';

describe('an upgraded connection', () => {
  const ground = new UpgradeGround();

  beforeEach(() => ground.open());
  afterEach(() => ground.close());

  it('ends with its client', async () => {
    await ground.start();
    const connection = await ground.openSocket();
    connection.socket.destroy();
    await eventually(() => assert.equal(ground.upstream.upgraded[0]?.destroyed, true));
    await eventually(() => assert.equal(ground.gateway.usage.length, 1));
  });

  for (const [how, leave] of [
    ['hangs up', (socket: Socket) => socket.end()],
    ['breaks off', (socket: Socket) => socket.resetAndDestroy()],
  ] as const)
    it(`ends with its client, also one that ${how} before the upstream has answered`, async () => {
      ground.accept = ground.ignore;
      await ground.start();
      const connection = await ground.upgrade();
      await eventually(() => assert.equal(ground.upstream.handshakes.length, 1));
      leave(connection.socket);
      await eventually(() => assert.equal(ground.upstream.sockets.size, 0));
      await eventually(() => assert.equal(ground.gateway.usage[0]?.status_code, 499));
    });

  it('ends with its upstream', async () => {
    await ground.start();
    const connection = await ground.openSocket();
    ground.upstream.upgraded[0]?.end('last words');
    assert.match(await connection.closed(), /last words$/);
    const second = await ground.openSocket();
    ground.upstream.upgraded[1]?.resetAndDestroy();
    await second.closed();
    await eventually(() => assert.equal(ground.gateway.usage.length, 2));
  });

  it('ends when nothing moves for too long', async function () {
    // A machine that stands still for a second is not what is meant.
    this.retries(2);
    await ground.start({}, { body_idle_timeout_ms: 1000 });
    const connection = await ground.openSocket();
    for (let count = 0; count < 15; count += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      ground.upstream.upgraded[0]?.write('x');
    }
    assert.equal(ground.upstream.upgraded[0]?.destroyed, false);
    assert.match(await connection.closed(), /x{15}$/);
    await eventually(() => assert.equal(ground.upstream.upgraded[0]?.destroyed, true));
  });

  it('ends when its key stops', async () => {
    await ground.start();
    const connection = await ground.openSocket();
    const [exchange] = ground.gateway.running.of(ground.gateway.key.authenticated.state.keyId);
    exchange?.cutOff(refusalError({ reason: 'key_revoked', message: 'It was revoked.' }));
    await connection.closed();
    await eventually(() => assert.equal(ground.upstream.upgraded[0]?.destroyed, true));
    await eventually(() => assert.equal(ground.gateway.usage.length, 1));
    const [usage] = ground.gateway.usage;
    assert.deepEqual([usage?.status_code, usage?.refusal], [101, 'key_revoked']);
  });

  it('ends with a refusal when its key stops before the upstream has answered', async () => {
    ground.accept = ground.ignore;
    await ground.start();
    const connection = await ground.upgrade();
    await eventually(() => assert.equal(ground.upstream.handshakes.length, 1));
    const [exchange] = ground.gateway.running.of(ground.gateway.key.authenticated.state.keyId);
    exchange?.cutOff(refusalError({ reason: 'key_revoked', message: 'It was revoked.' }));
    assert.equal(await reasonOn(connection), '403 key_revoked');
    await eventually(() => assert.equal(ground.upstream.sockets.size, 0));
  });

  it('ends when the gateway stops, at once', async () => {
    await ground.start({ timeouts: { bodyIdleMs: 600_000 } });
    const connection = await ground.openSocket();
    await Promise.all([
      stopServing(ground.gateway, { idleMs: 60_000, graceMs: 60_000 }),
      connection.closed(),
      eventually(() => assert.equal(ground.upstream.upgraded[0]?.destroyed, true)),
    ]);
    await eventually(() => assert.equal(ground.gateway.usage.length, 1));
  });

  it('is not begun once the gateway stops, which answers handshakes that are under way', async () => {
    ground.accept = ground.ignore;
    await ground.start();
    const idle = await rawConnection(ground.gateway.port);
    const connection = await ground.upgrade('/live/socket');
    await eventually(() => assert.equal(ground.upstream.handshakes.length, 1));
    const stopped = stopServing(ground.gateway, { idleMs: 60_000, graceMs: 60_000 });
    idle.send(
      ['GET /live/socket HTTP/1.1', 'Host: x', ground.authorization(), ...UPGRADE, '', ''].join('\r\n'),
    );
    assert.match(await idle.closed(), /200 OK.*no upgrade was asked for/s);
    for (const socket of ground.upstream.sockets)
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n');
    assert.match(await connection.closed(), /^HTTP\/1\.1 403/);
    await stopped;
  });

  it('waits for whoever reads slowly', async () => {
    ground.accept = (_, socket) => {
      socket.write('HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
      ground.upstream.upgraded.push(socket);
      return false;
    };
    await ground.start();
    const connection = await ground.openSocket();
    connection.socket.pause();
    const chunk = Buffer.alloc(1024 * 1024);
    let written = 0;
    const pump = () => {
      while (ground.upstream.upgraded[0]?.write(chunk)) written += 1;
    };
    ground.upstream.upgraded[0]?.on('drain', pump);
    pump();
    await eventually(async () => {
      const before = written;
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(written, before);
    });
    assert.ok(written < 100, `took ${written} MiB in`);
  });
});
