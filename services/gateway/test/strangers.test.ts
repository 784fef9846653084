/** How those without a key are answered while others of them flood the gateway. */
import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts';
import { eventually } from '@hokusai/testing';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { someKey } from './support/keys.ts';
import { ManualTime } from './support/manual-time.ts';
import { parseAnswer, type RawConnection, rawConnection } from './support/raw-client.ts';

/** What is answered at once after a quiet time, and what may wait then: in all, of this process. */
const BURST = 1000;
const MAX_WAITING = 1024;
const ATTACKER = '127.0.0.2';
/** Two fields of a name are more than plain: Node reads them, which begins all that are sent at once. */
const KEYLESS = 'GET /mlflow/ HTTP/1.1\r\nHost: x\r\nAccept: a\r\nAccept: b\r\n\r\n';
const BROWSERS = 'GET /mlflow/ HTTP/1.1\r\nHost: x\r\nAccept: text/html\r\n\r\n';

describe('strangers', () => {
  let gateway: TestGateway;
  let time: ManualTime;
  let flood: RawConnection[];
  /** Why a key can't be looked up, by key. */
  let failures: Map<string, HokusaiError>;

  beforeEach(async () => {
    time = new ManualTime();
    failures = new Map();
    const lookup = {
      find: (key: string) => {
        const failure = failures.get(key);
        if (failure) return Promise.reject(failure);
        return Promise.resolve(key === gateway.key.key ? gateway.key.authenticated : undefined);
      },
    };
    gateway = await startGateway({ upstreamUrl: 'http://127.0.0.1:1', clock: time, lookup });
    flood = await Promise.all([1, 2].map(() => rawConnection(gateway.port, ATTACKER)));
    flood[0]?.send(KEYLESS.repeat(BURST));
    await eventually(() => assert.equal(answersOf(flood), BURST));
  });
  afterEach(() => gateway.close());

  const ask = async (connection: RawConnection, request: string, count = 1) => {
    const before = gateway.anonymous.length;
    connection.send(request.repeat(count));
    await eventually(() => assert.equal(gateway.anonymous.length, before + count));
  };
  const answersOf = (connections: RawConnection[]) =>
    connections.flatMap((connection) => connection.text().match(/^HTTP\/1\.1 401/gm) ?? []).length;

  it('have their turn, however many requests others have sent before them', async () => {
    for (const connection of flood) await ask(connection, KEYLESS, 500);
    const browser = await rawConnection(gateway.port);
    await ask(browser, BROWSERS);
    await time.advance(10);
    const { status, headers } = parseAnswer(await browser.until(/\r\n\r\n/));
    assert.deepEqual([status, headers['www-authenticate']?.split(' ')[0]], [401, 'Basic']);
    assert.ok(answersOf(flood) < BURST + 10, 'the flood goes on waiting');
    const served = await rawConnection(gateway.port, ATTACKER);
    served.send(KEYLESS.replace('\r\n\r\n', `\r\nAuthorization: Bearer ${gateway.key.key}\r\n\r\n`));
    await served.until(/^HTTP\/1\.1 50/);
  });

  it('are not cut off for others who fill all places', async () => {
    const [first, second] = flood as [RawConnection, RawConnection];
    await ask(first, KEYLESS, MAX_WAITING - 100);
    await ask(second, KEYLESS, 100);
    const browsers = await Promise.all([1, 2, 3].map(() => rawConnection(gateway.port)));
    for (const browser of browsers) await ask(browser, BROWSERS);
    await first.closed();
    await time.advance(100);
    for (const browser of browsers) await browser.until(/401/);
    assert.equal(second.socket.destroyed, false);
  });

  it('wait where their keys are too many to be checked, and hear at once of an outage', async () => {
    const connections = await Promise.all(
      (['unknown_keys_shed', 'keys_unavailable'] as const).map(async (reason) => {
        const key = someKey();
        failures.set(key, new HokusaiError('unavailable', 'Not now.', { reason }));
        const connection = await rawConnection(gateway.port);
        connection.send(KEYLESS.replace('\r\n\r\n', `\r\nAuthorization: Bearer ${key}\r\n\r\n`));
        return connection;
      }),
    );
    const [shed, outage] = connections as [RawConnection, RawConnection];
    assert.match(await outage.until(/Not now/), /^HTTP\/1\.1 503/);
    assert.equal(shed.text(), '');
    await time.advance(10);
    await shed.until(/^HTTP\/1\.1 503/);
  });

  it('wait whatever is wrong with what they send', async () => {
    const misled = 'GET /mlflow/%2e%2e/x HTTP/1.1\r\nHost: x\r\n\r\n';
    const astray = 'GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n';
    const connections = await Promise.all([misled, astray].map(() => rawConnection(gateway.port)));
    for (const [index, request] of [misled, astray].entries())
      await ask(connections[index] as RawConnection, request);
    assert.deepEqual(
      connections.map((connection) => connection.text()),
      ['', ''],
    );
    await time.advance(10);
    for (const [index, status] of [/^HTTP\/1\.1 400/, /^HTTP\/1\.1 404/].entries())
      await connections[index]?.until(status);
  });
});
