/** How the server stops: what becomes of connections that are idle, busy, or in between. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { stopServing } from '../src/http/stop-serving.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { type RawConnection, rawConnection } from './support/raw-client.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

const REQUEST = 'GET /mlflow/health HTTP/1.1\r\nHost: x\r\n\r\n';
/** Longer than any test takes. */
const NEVER_MS = 600_000;

describe('a stop', () => {
  let upstream: HttpUpstream;
  let gateway: TestGateway;
  let answer: (outgoing: ServerResponse) => void;

  beforeEach(async () => {
    answer = (outgoing) => outgoing.end('served');
    upstream = await startHttpUpstream((_, outgoing) => answer(outgoing));
    // Nothing but the stop ends what is under way.
    const timeouts = { responseMs: NEVER_MS, bodyIdleMs: NEVER_MS };
    gateway = await startGateway({ upstreamUrl: upstream.url, timeouts });
  });
  afterEach(async () => {
    await gateway.close();
    await upstream.close();
  });

  const served = async (connection: RawConnection) => {
    connection.send(REQUEST);
    return await connection.until(/served/);
  };
  const stop = (idleMs: number, graceMs = NEVER_MS, hurry?: AbortSignal) =>
    stopServing(gateway, { idleMs, graceMs, ...(hurry && { hurry }) });

  it('answers what comes on an idle connection, and closes it with the answer', async () => {
    const [used, unused] = [await rawConnection(gateway.port), await rawConnection(gateway.port)];
    assert.match(await served(used), /Connection: keep-alive\r\nKeep-Alive: timeout=75\r\n/);
    const stopped = stop(NEVER_MS);
    for (const connection of [used, unused]) {
      connection.send(REQUEST);
      assert.match(await connection.closed(), /200 OK.*Connection: close\r\n\r\nserved$/s);
    }
    await stopped;
  });

  it('answers for the last time also who waits for 100 Continue', async () => {
    const connection = await rawConnection(gateway.port);
    await served(connection);
    const stopped = stop(NEVER_MS);
    const { key } = gateway.key;
    connection.send(
      `POST /mlflow/api/2.0/mlflow/runs/create HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n`,
    );
    connection.send('Content-Length: 2\r\nExpect: 100-continue\r\n\r\n');
    await connection.until(/100 Continue/);
    connection.send('{}');
    assert.match(await connection.closed(), /Connection: close\r\n\r\nserved$/);
    await stopped;
  });

  it('closes what stays idle, and takes no more connections', async () => {
    const [used, unused] = [await rawConnection(gateway.port), await rawConnection(gateway.port)];
    await served(used);
    await stop(20);
    await Promise.all([used.closed(), unused.closed()]);
    await assert.rejects(rawConnection(gateway.port), /ECONNREFUSED/);
  });

  it('closes the connection of an answer that had not begun, and leaves that of one that had', async () => {
    const held: ServerResponse[] = [];
    const { promise: bothHeld, resolve } = Promise.withResolvers<void>();
    answer = (outgoing) => {
      if (held.push(outgoing) === 2) resolve();
    };
    const [begun, waiting] = [await rawConnection(gateway.port), await rawConnection(gateway.port)];
    begun.send(REQUEST);
    await once(gateway.server, 'request');
    waiting.send(REQUEST);
    await bothHeld;
    held[0]?.write('first part, ');
    await begun.until(/first part/);
    const stopped = stop(NEVER_MS);
    held[1]?.end('served');
    assert.match(await waiting.closed(), /Connection: close\r\n.*served/s);
    held[0]?.end('second part');
    await begun.until(/second part/);
    answer = (outgoing) => outgoing.end('once more');
    begun.send(REQUEST);
    assert.match(await begun.closed(), /keep-alive.*second part.*Connection: close\r\n\r\nonce more$/s);
    await stopped;
  });

  it('waits for the rest of a head that comes in pieces', async () => {
    const connection = await rawConnection(gateway.port);
    await served(connection);
    const stopped = stop(200);
    for (const piece of REQUEST.match(/.{1,12}/gs) ?? []) {
      connection.send(piece);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    assert.match(await connection.closed(), /Connection: close\r\n\r\nserved$/);
    await stopped;
  });

  it('cuts off what is not over in time', async () => {
    answer = (outgoing) => void outgoing.write('first part');
    const connection = await rawConnection(gateway.port);
    connection.send(REQUEST);
    await connection.until(/first part/);
    await stop(NEVER_MS, 20);
    assert.match(await connection.closed(), /first part/);
  });

  it('lets what is under way take its time until there is a hurry', async () => {
    const held: ServerResponse[] = [];
    answer = (outgoing) => {
      outgoing.write('first part');
      held.push(outgoing);
    };
    const [patient, endless] = [await rawConnection(gateway.port), await rawConnection(gateway.port)];
    for (const connection of [patient, endless]) {
      connection.send(REQUEST);
      await connection.until(/first part/);
    }
    const hurry = new AbortController();
    const graceMs = 20;
    const stopped = stop(graceMs, graceMs, hurry.signal);
    await new Promise((resolve) => setTimeout(resolve, 20 * graceMs));
    held[0]?.end('second part');
    assert.match(await patient.closed(), /second part/);
    assert.equal(endless.socket.destroyed, false);
    hurry.abort();
    assert.match(await endless.closed(), /first part/);
    await stopped;
  });
});
