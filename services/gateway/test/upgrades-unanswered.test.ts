/** Upgrades that the upstream has not answered yet, or never will. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { eventually } from '@hokusai/testing';
import { refusalError } from '../src/domain/refusals.ts';
import { unlimited } from './support/gateway.ts';
import { parseAnswer } from './support/raw-client.ts';
import { reasonOn, UpgradeGround } from './support/upgrade-ground.ts';
import { startRawUpstream, type TestUpstream } from './support/upstream.ts';

/** Failures in a row after which an upstream counts as away; one more. */
const MANY = 6;
/** What a client may send before its handshake is answered. */
const MAX_EARLY_BYTES = 64 * 1024;

describe('an upgrade without an answer', () => {
  const ground = new UpgradeGround();

  /** Says nothing, so that no TLS connection to it is ever made. */
  let silent: TestUpstream;

  beforeEach(async () => {
    silent = await startRawUpstream(() => {});
    await ground.open();
  });
  afterEach(async () => {
    await ground.close();
    await silent.close();
  });

  const target = () => silent.url.replace('http:', 'https:');

  const running = () => [...ground.gateway.running.of(ground.gateway.key.authenticated.state.keyId)];

  /** All under way at the same time, since each connection that is made makes former failures forgotten. */
  const upgradeMany = () => Promise.all(Array.from({ length: MANY }, () => ground.upgrade()));

  async function assertReachable(): Promise<void> {
    const { socket } = await ground.openSocket();
    socket.destroy();
    assert.doesNotMatch(ground.gateway.log.join(''), /takes no connections/);
  }

  it('is 504 for want of a connection within its time', async () => {
    await ground.start({}, { target: target(), connect_timeout_ms: 300 });
    assert.equal(await reasonOn(await ground.upgrade()), '504 upstream_connect_timeout');
  });

  it('is no failure of the upstream where the client left before there was a connection', async () => {
    await ground.start({}, { target: target(), connect_timeout_ms: 10_000 });
    const connections = await upgradeMany();
    await eventually(() => assert.equal(silent.sockets.size, MANY));
    for (const { socket } of connections) socket.destroy();
    await eventually(() => assert.equal(silent.sockets.size, 0));
    const alive = await ground.send('/livez');
    await alive.until(/200 OK/);
    alive.socket.destroy();
    assert.doesNotMatch(ground.gateway.log.join(''), /takes no connections/);
  });

  it('is no failure of the upstream where the client left before there was an answer', async () => {
    ground.accept = ground.ignore;
    await ground.start();
    const connections = await upgradeMany();
    await eventually(() => assert.equal(ground.upstream.handshakes.length, MANY));
    for (const { socket } of connections) socket.destroy();
    await eventually(() => assert.equal(ground.upstream.sockets.size, 0));
    ground.accept = () => true;
    await assertReachable();
  });

  it('does not say that the upstream takes no connections where that broke off', async () => {
    ground.accept = ground.ignore;
    await ground.start();
    const connections = await upgradeMany();
    await eventually(() => assert.equal(ground.upstream.handshakes.length, MANY));
    for (const socket of ground.upstream.sockets) socket.resetAndDestroy();
    const reasons = await Promise.all(connections.map(reasonOn));
    assert.deepEqual(reasons, Array(MANY).fill('502 upstream_broke_off'));
    ground.accept = () => true;
    await assertReachable();
  });

  it('does not reach the upstream when its key stopped while its limits were asked for', async () => {
    const { promise: decided, resolve: decide } = Promise.withResolvers<void>();
    const charge: typeof unlimited.charge = async (state) => {
      await decided;
      return unlimited.charge(state);
    };
    await ground.start({ limiter: { ...unlimited, charge } });
    const connection = await ground.upgrade();
    await eventually(() => assert.equal(running().length, 1));
    running()[0]?.cutOff(refusalError({ reason: 'key_revoked', message: 'It was revoked.' }));
    decide();
    await connection.until(/\r\n\r\n/);
    assert.equal(parseAnswer(connection.text()).status, 403);
    assert.equal(await reasonOn(connection), '403 key_revoked');
    assert.equal(ground.upstream.handshakes.length, 0);
  });

  it('is refused to who sends too much in advance, and its places are given back', async () => {
    ground.accept = ground.ignore;
    await ground.start();
    const connection = await ground.upgrade();
    await eventually(() => assert.equal(ground.upstream.handshakes.length, 1));
    connection.send(Buffer.alloc(MAX_EARLY_BYTES + 1));
    assert.equal(await reasonOn(connection), '413 body_too_large');
    await eventually(() => assert.deepEqual([running().length, ground.upstream.sockets.size], [0, 0]));
  });

  it('keeps no place for who sends far too much in advance and leaves', async () => {
    ground.accept = ground.ignore;
    await ground.start({ timeouts: { responseMs: 600_000 } });
    const { socket } = await ground.upgrade();
    await eventually(() => assert.equal(ground.upstream.handshakes.length, 1));
    socket.end(Buffer.alloc(16 * MAX_EARLY_BYTES));
    await eventually(() => assert.deepEqual([running().length, ground.upstream.sockets.size], [0, 0]));
  });

  it('has what was sent in advance passed on when there is one', async () => {
    let switching: Socket | undefined;
    let got = 0;
    ground.accept = (_, socket) => {
      switching = socket.on('data', ({ length }: Buffer) => {
        got += length;
      });
      return false;
    };
    await ground.start();
    const connection = await ground.upgrade();
    await eventually(() => assert.ok(switching));
    connection.send(Buffer.alloc(MAX_EARLY_BYTES));
    const [exchange] = running();
    await eventually(() => assert.ok((exchange?.incoming.socket.bytesRead ?? 0) > MAX_EARLY_BYTES));
    switching?.write('HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
    await eventually(() => assert.equal(got, MAX_EARLY_BYTES));
    connection.socket.destroy();
  });
});
