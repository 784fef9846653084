/** How many requests may be under way at a time, and none to an upstream that takes no connections. */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { eventually } from '@hokusai/testing';
import type { AuthenticatedKey } from '../src/domain/ports.ts';
import { startGateway, type TestGateway, type TestGatewayOptions } from './support/gateway.ts';
import { type TestKey, testKey } from './support/key.ts';
import { parseAnswer, rawConnection } from './support/raw-client.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

const READ = '/mlflow/api/2.0/mlflow/runs/get';
const ARTIFACT = '/mlflow/api/2.0/mlflow-artifacts/artifacts/a';

describe('admission', () => {
  let upstream: HttpUpstream;
  let gateway: TestGateway;
  let held: ServerResponse[];
  let answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void;

  const hold: typeof answer = (_, outgoing) => void held.push(outgoing);
  const serve: typeof answer = (incoming, outgoing) => {
    incoming.resume();
    outgoing.end('served');
  };

  async function start(options: Partial<TestGatewayOptions>): Promise<void> {
    gateway = await startGateway({ upstreamUrl: upstream.url, ...options });
  }

  beforeEach(async () => {
    held = [];
    answer = serve;
    upstream = await startHttpUpstream((incoming, outgoing) => answer(incoming, outgoing));
  });
  afterEach(async () => {
    await gateway.close();
    await upstream.close();
  });

  const bearer = ({ key }: TestKey = gateway.key) => ({ authorization: `Bearer ${key}` });
  const ask = (path = READ, key?: TestKey) => fetch(gateway.url + path, { headers: bearer(key) });
  const problemOf = async (response: Response) => {
    const { type, message } = (await response.json()) as { type: string; message: string };
    const retryAfter = response.headers.get('retry-after');
    return { status: response.status, reason: type.replace('urn:hokusai:error:', ''), retryAfter, message };
  };
  /** Requests that the upstream has and does not answer. */
  async function occupy(count: number): Promise<{ all: Promise<Response[]>; first: Promise<Response> }> {
    answer = hold;
    const before = held.length;
    const asked = Array.from({ length: count }, () => ask());
    await eventually(() => assert.equal(held.length, before + count));
    answer = serve;
    return { all: Promise.all(asked), first: Promise.race(asked) };
  }

  describe('of an upstream that has as many requests as it may have', () => {
    it('is refused at once with 503, while health and management answer, until one of them ends', async () => {
      await start({ maxInFlight: { upstream: 2 } });
      const { first } = await occupy(2);
      const { message, ...problem } = await problemOf(await ask());
      assert.deepEqual(problem, { status: 503, reason: 'overloaded', retryAfter: '1' });
      assert.match(message, /^MLflow has 2 requests to answer.*UPSTREAM_MAX_IN_FLIGHT.*Try again/);
      assert.equal((await fetch(`${gateway.url}/livez`)).status, 200);
      assert.equal((await ask('/api/v1/auth/whoami')).status, 200);
      assert.equal(upstream.requests.length, 2);
      held[0]?.end('late');
      assert.equal(await (await first).text(), 'late');
      await eventually(async () => assert.equal((await ask()).status, 200));
      assert.equal((await ask()).status, 200);
    });

    it('stands apart for the upstream of test keys', async () => {
      const other = await startHttpUpstream((_, outgoing) => outgoing.end('test'));
      await start({ maxInFlight: { upstream: 1 }, testUpstreamUrl: other.url });
      await occupy(1);
      assert.equal((await ask()).status, 503);
      assert.equal((await ask(READ, gateway.add(testKey({ environment: 'test' })))).status, 200);
      await other.close();
    });
  });

  describe('of a key that has as many requests as one may have', () => {
    it('is refused, and of no other key', async () => {
      await start({ maxInFlight: { key: 2 } });
      const neighbour = gateway.add(testKey());
      gateway.usage.length = 0;
      await occupy(2);
      const { message, ...problem } = await problemOf(await ask());
      assert.deepEqual(problem, { status: 503, reason: 'key_overloaded', retryAfter: '1' });
      assert.match(message, new RegExp(`^The API key ${gateway.key.prefix} has .*KEY_MAX_IN_FLIGHT`));
      assert.equal((await ask(READ, neighbour)).status, 200);
      const [refused] = gateway.usage;
      assert.deepEqual([refused?.status_code, refused?.refusal], [503, 'key_overloaded']);
      // It is no outage.
      assert.doesNotMatch(gateway.log.join(''), /could not be served/);
    });

    it('is by address for callers without one', async () => {
      await start({ maxInFlight: { key: 1 }, excluded: ['/mlflow/*'] });
      answer = hold;
      const first = fetch(gateway.url + READ);
      await eventually(() => assert.equal(held.length, 1));
      const { message, ...problem } = await problemOf(await fetch(`${gateway.url}/mlflow/health`));
      assert.deepEqual(problem, { status: 503, reason: 'key_overloaded', retryAfter: '1' });
      assert.match(message, /^The address 127\.0\.0\.1 has /);
      held[0]?.end();
      assert.equal((await first).status, 200);
    });
  });

  describe('gives the place back', () => {
    const raw = async (head: string) => {
      const connection = await rawConnection(gateway.port);
      connection.send(`${head} HTTP/1.1\r\nHost: x\r\nAuthorization: ${gateway.key.key}\r\n`);
      return connection;
    };
    /** Only place, on both counts. */
    const one = { maxInFlight: { upstream: 1, key: 1 } };
    const assertFree = () => eventually(async () => assert.equal((await ask()).status, 200));

    it('after an answer that its client reads', async () => {
      await start(one);
      for (let count = 0; count < 20; count += 1) assert.equal(await (await ask()).text(), 'served');
    });

    it('after an error of the upstream', async () => {
      await start(one);
      answer = (_, outgoing) => outgoing.writeHead(500).end('oops');
      assert.equal((await ask()).status, 500);
      answer = serve;
      await assertFree();
    });

    it('after an upstream that broke off, before its answer and within', async () => {
      await start(one);
      answer = (_, outgoing) => outgoing.destroy();
      assert.equal((await ask()).status, 502);
      answer = (_, outgoing) => outgoing.write('part', () => outgoing.destroy());
      await eventually(() => assert.rejects(async () => await (await ask()).text()));
      answer = serve;
      await assertFree();
    });

    it('after a time-out', async () => {
      await start({ ...one, timeouts: { responseMs: 100 } });
      answer = hold;
      assert.equal((await ask()).status, 504);
      answer = serve;
      await assertFree();
    });

    it('when a client leaves before the answer, in an upload, and in a download', async () => {
      await start(one);
      answer = hold;
      const waiting = await raw(`GET ${READ}`);
      waiting.send('\r\n');
      await eventually(() => assert.equal(held.length, 1));
      waiting.socket.destroy();
      answer = serve;
      await assertFree();

      const before = upstream.requests.length;
      const uploading = await raw(`PUT ${ARTIFACT}`);
      uploading.send('Content-Length: 9\r\n\r\nabc');
      await eventually(() => assert.equal(upstream.requests.length, before + 1));
      uploading.socket.destroy();
      await assertFree();

      answer = (_, outgoing) => outgoing.write('part');
      const downloading = await raw(`GET ${ARTIFACT}`);
      downloading.send('\r\n');
      await downloading.until(/part/);
      downloading.socket.destroy();
      answer = serve;
      await assertFree();
    });

    it('and takes none for a client that left while its key was looked up', async () => {
      const lookup = Promise.withResolvers<AuthenticatedKey>();
      let asked = 0;
      const find = () => {
        asked += 1;
        return lookup.promise;
      };
      await start({ ...one, lookup: { find } });
      const connection = await raw(`GET ${READ}`);
      connection.send('\r\n');
      await eventually(() => assert.equal(asked, 1));
      connection.socket.destroy();
      await eventually(() => assert.match(gateway.accessLog.join(''), /499/));
      lookup.resolve(gateway.key.authenticated);
      await assertFree();
      assert.equal(upstream.requests.length, 1);
    });

    it('of each of the requests that a client sends without waiting', async () => {
      await start({ maxInFlight: { key: 3 } });
      const connection = await raw(`GET ${READ}`);
      connection.send('\r\n');
      const again = `GET ${READ} HTTP/1.1\r\nHost: x\r\nAuthorization: ${gateway.key.key}\r\n`;
      connection.send(`${again}\r\n${again}Connection: close\r\n\r\n`);
      const text = await connection.closed();
      assert.equal(text.match(/HTTP\/1\.1 200/g)?.length, 3);
      assert.equal(parseAnswer(text).status, 200);
      await occupy(3);
      assert.equal((await ask()).status, 503);
    });
  });

  it('lets nothing wait for a connection, however many are under way', async () => {
    await start({ maxInFlight: { upstream: 100, key: 200 } });
    const { all } = await occupy(100);
    assert.equal(upstream.connectionCount(), 100);
    for (const outgoing of held) outgoing.end('ok');
    for (const { status } of await all) assert.equal(status, 200);
  });

  describe('to an upstream that takes no connections', () => {
    it('is refused without trying, until a probe finds it back', async () => {
      const { port } = upstream;
      await upstream.close();
      await start({});
      for (let failure = 0; failure < 5; failure += 1) assert.equal((await ask()).status, 503);
      const opened = gateway.log.join('');
      assert.match(opened, /"upstream":"MLflow","cause":"ECONNREFUSED".*takes no connections/);
      upstream = await startHttpUpstream((_, outgoing) => outgoing.end('back'), port);
      const { message, ...problem } = await problemOf(await ask());
      assert.deepEqual(problem, { status: 503, reason: 'upstream_unreachable', retryAfter: '5' });
      assert.match(message, /^MLflow can't be reached/);
      assert.equal(upstream.requests.length, 0);
      await eventually(() => assert.match(gateway.log.join(''), /takes connections again/));
      assert.equal(await (await ask()).text(), 'back');
      assert.equal(gateway.log.join('').match(/takes no connections/g)?.length, 1);
    });

    it('is no matter of slow answers', async () => {
      await start({ timeouts: { responseMs: 30 } });
      answer = hold;
      for (let failure = 0; failure < 6; failure += 1) assert.equal((await ask()).status, 504);
      answer = serve;
      // Its time to answer is short for this one, too.
      await eventually(async () => assert.equal((await ask()).status, 200));
      assert.doesNotMatch(gateway.log.join(''), /takes no connections/);
    });
  });
});
