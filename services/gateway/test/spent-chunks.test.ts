/**
 * Large chunks on their way through the gateway, whose memory is given back as soon as they have been passed on:
 * as long as Node and the client of upstreams hand them over whole.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { eventually } from '@hokusai/testing';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';
import { count, MIB, responseOf, sendTo, textOf, zeros } from './traps/support/bodies.ts';

const ARTIFACT = '/mlflow/api/2.0/mlflow-artifacts/artifacts/1/model.bin';
const SIZE = 4 * MIB;
/** From that size on it is worth while. */
const LARGE_BYTES = 16 * 1024;

describe('chunks that have been passed on', () => {
  let upstream: HttpUpstream;
  let gateway: TestGateway;
  let answer: RequestListener;
  /** Large ones that have their memory for themselves, as they come: nearly all. */
  let large: Buffer[];

  beforeEach(async () => {
    large = [];
    upstream = await startHttpUpstream((incoming, outgoing) => answer(incoming, outgoing));
    gateway = await startGateway({ upstreamUrl: upstream.url });
  });
  afterEach(async () => {
    await gateway.close();
    await upstream.close();
  });

  const note = (chunk: unknown) => {
    if (!Buffer.isBuffer(chunk) || chunk.length < LARGE_BYTES) return;
    if (chunk.length === chunk.buffer.byteLength) large.push(chunk);
  };

  /** Of the gateway's next request. */
  function watch(start: (incoming: IncomingMessage, outgoing: ServerResponse) => void): void {
    gateway.server.prependOnceListener('request', start);
  }

  async function allAreFreed(): Promise<void> {
    assert.ok(large.length > 0, 'there are large ones');
    const noneIsLeft = () => assert.equal(large.filter(({ length }) => length > 0).length, 0);
    await eventually(noneIsLeft, { timeoutMs: 5000 });
  }

  it('are freed on the way to the client', async () => {
    watch((_, outgoing) => {
      const write = outgoing.write;
      outgoing.write = ((...args: Parameters<typeof write>) => {
        note(args[0]);
        return write.apply(outgoing, args);
      }) as typeof write;
    });
    answer = (_, outgoing) => void zeros(SIZE).pipe(outgoing.setHeader('Content-Length', SIZE));
    const response = await responseOf(
      sendTo(gateway.port, `Bearer ${gateway.key.key}`, 'GET', ARTIFACT).end(),
    );
    response.resume();
    await once(response, 'end');
    await allAreFreed();
  });

  it('are freed on the way to the upstream', async () => {
    watch((incoming) => {
      const push = incoming.push;
      incoming.push = (...args) => {
        note(args[0]);
        return push.apply(incoming, args);
      };
    });
    answer = count;
    const headers = { 'content-length': SIZE };
    const sent = sendTo(gateway.port, `Bearer ${gateway.key.key}`, 'PUT', ARTIFACT, headers);
    zeros(SIZE).pipe(sent);
    assert.equal(await textOf(await responseOf(sent)), String(SIZE));
    await allAreFreed();
  });
});
