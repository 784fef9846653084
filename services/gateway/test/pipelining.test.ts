/** Requests on one connection that don't wait for each other's answers: what becomes of them when one ends early. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { eventually } from '@hokusai/testing';
import { refusalError } from '../src/domain/refusals.ts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { type TestKey, testKey } from './support/key.ts';
import { type RawConnection, rawConnection } from './support/raw-client.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

describe('an answer behind another on its connection', () => {
  let upstream: HttpUpstream;
  let gateway: TestGateway;
  let connection: RawConnection;
  let others: TestKey;
  /** Begun, with a first part. */
  let answers: ServerResponse[];

  const open = async (timeouts = {}) => {
    answers = [];
    upstream = await startHttpUpstream((_, outgoing) => {
      outgoing.write(`part of ${answers.push(outgoing)}, `);
    });
    gateway = await startGateway({ upstreamUrl: upstream.url, timeouts });
    others = gateway.add(testKey());
    connection = await rawConnection(gateway.port);
    send(gateway.key);
    await connection.until(/part of 1/);
    send(others);
    await eventually(() => assert.deepEqual([exchange()?.outgoing.headersSent, answers.length], [true, 2]));
  };
  afterEach(async () => {
    await gateway.close();
    await upstream.close();
  });

  // Two fields of a name are more than plain: Node reads them, which begins a request while others before it go on.
  const send = ({ key }: TestKey) =>
    connection.send(
      `GET /mlflow/api/2.0/mlflow/runs/get HTTP/1.1\r\nHost: x\r\nAccept: a\r\nAccept: b\r\nAuthorization: Bearer ${key}\r\n\r\n`,
    );
  const exchange = () => [...gateway.running.of(others.authenticated.state.keyId)][0];
  // Not compared by `equal`: to print how an exchange differs takes seconds, in which nothing else happens here.
  const assertOver = () => assert.ok(exchange() === undefined, 'it goes on');
  /** The one before it is whole, and nothing comes after it. */
  const assertBrokenOff = async () => {
    await eventually(assertOver);
    assert.equal(connection.socket.destroyed, false, 'the one before it goes on');
    answers[0]?.end('the rest');
    assert.match(await connection.closed(), /part of 1, .*the rest\r\n0\r\n\r\n$/s);
  };

  it('is broken off in its turn when its key stops, and at once for the upstream', async () => {
    await open();
    exchange()?.cutOff(refusalError({ reason: 'key_revoked', message: 'It was revoked.' }));
    await eventually(() => assert.deepEqual([answers[0]?.destroyed, answers[1]?.destroyed], [false, true]));
    await assertBrokenOff();
  });

  it('is broken off in its turn when its upstream breaks off', async () => {
    await open();
    answers[1]?.destroy();
    await assertBrokenOff();
  });

  it('is broken off in its turn when its upstream stands still', async () => {
    const bodyIdleMs = 3000;
    await open({ bodyIdleMs });
    const going = setInterval(() => answers[0]?.write('.'), bodyIdleMs / 10);
    await eventually(assertOver);
    clearInterval(going);
    await assertBrokenOff();
  });

  it('waits for its turn once its upstream is done with it, however long that takes', async () => {
    const bodyIdleMs = 500;
    await open({ bodyIdleMs });
    answers[1]?.end('whole');
    const going = setInterval(() => answers[0]?.write('.'), bodyIdleMs / 10);
    await eventually(() => assert.ok(connection.text().split('\r\n.\r\n').length > 40));
    clearInterval(going);
    answers[0]?.end('the rest');
    assert.match(
      await connection.until(/whole/),
      /the rest\r\n0\r\n\r\nHTTP\/1\.1 200 .*part of 2, .*whole/s,
    );
    connection.socket.destroy();
  });
});
