/**
 * Large bodies through the gateway as a process, whose memory does not follow their size. `npm run soak -- streams`
 * sends 5 GiB each way, again and again.
 */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, request } from 'node:http';
import { Readable } from 'node:stream';
import { growthDuring, spawnService, type TestService } from '@hokusai/testing';
import { GATEWAY_ENTRY, gatewaySettings } from './support/gateway-process.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';
import { count, MIB, zeros } from './traps/support/bodies.ts';

const ARTIFACT = '/mlflow/api/2.0/mlflow-artifacts/artifacts/1/model.bin';
const SOAK_SECONDS = Number(process.env['HOKUSAI_SOAK_SECONDS'] ?? 0);
const SIZE = SOAK_SECONDS > 0 ? 5 * 1024 * MIB : 128 * MIB;
const WARM_UP = 32 * MIB;
const MEMORY_BOUND = 64 * MIB;
/** Of each of some bodies at a time. */
const RANDOM = 16 * MIB;

describe('streams through the gateway as a process', function () {
  this.timeout((SOAK_SECONDS + 600) * 1000);
  let upstream: HttpUpstream;
  let service: TestService;
  let port: number;
  let answer: RequestListener;

  before(async () => {
    upstream = await startHttpUpstream((incoming, outgoing) => answer(incoming, outgoing));
    const env = await gatewaySettings({ MLFLOW_UPSTREAM_URL: upstream.url, EXCLUDED_PATHS: '/mlflow/*' });
    port = Number(env['GATEWAY_PORT']);
    const readyUrl = `http://127.0.0.1:${port}/livez`;
    service = await spawnService({ entry: GATEWAY_ENTRY, env, readyUrl });
    await upload(WARM_UP);
    await download(WARM_UP);
  });
  after(async () => {
    await service.stop();
    await upstream.close();
  });

  async function upload(bytes: number): Promise<number> {
    answer = count;
    const sent = request({ port, method: 'PUT', path: ARTIFACT, headers: { 'content-length': bytes } });
    zeros(bytes).pipe(sent);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return Number((await response.toArray()).join(''));
  }

  async function download(bytes: number): Promise<number> {
    answer = (_, outgoing) => void zeros(bytes).pipe(outgoing.setHeader('Content-Length', bytes));
    const [response] = (await once(request({ port, path: ARTIFACT }).end(), 'response')) as [IncomingMessage];
    let received = 0;
    for await (const chunk of response) received += (chunk as Buffer).length;
    return received;
  }

  for (const [name, transfer] of Object.entries({ upload, download })) {
    it(`keep its memory small: ${name} of ${SIZE / MIB} MiB`, async () => {
      const endMs = performance.now() + (SOAK_SECONDS * 1000) / 2;
      const growth = await growthDuring(service.pid, async () => {
        do assert.equal(await transfer(SIZE), SIZE);
        while (performance.now() < endMs);
      });
      assert.ok(growth <= MEMORY_BOUND, `grew by ${Math.round(growth / MIB)} MiB`);
    });
  }

  /** What is answered, to an upload if there is a body. */
  async function pass(headers: Record<string, number>, body: Buffer | undefined): Promise<Buffer[]> {
    const asked = request({ port, method: body ? 'PUT' : 'GET', path: ARTIFACT, headers });
    inPieces(body).pipe(asked);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return await haltingly(response);
  }

  for (const [framing, headers] of Object.entries({
    'with a length': { 'content-length': RANDOM },
    'in chunks': {},
  })) {
    it(`arrive as they were sent ${framing}, several at a time to who reads haltingly`, async () => {
      const bodies = Array.from({ length: 3 }, () => randomBytes(RANDOM));
      const digests = bodies.map((body) => digestOf([body])).toSorted();
      const arrived: string[] = [];
      answer = async (incoming, outgoing) => {
        arrived.push(digestOf(await haltingly(incoming)));
        outgoing.end();
      };
      await Promise.all(bodies.map((body) => pass(headers, body)));
      assert.deepEqual(arrived.toSorted(), digests);
      const left = [...bodies];
      answer = (_, outgoing) => void inPieces(left.pop()).pipe(outgoing.writeHead(200, headers));
      const received = await Promise.all(bodies.map(() => pass({}, undefined)));
      assert.deepEqual(received.map(digestOf).toSorted(), digests);
    });
  }
});

/** Of sizes that fit no buffer on the way. */
function inPieces(body: Buffer = Buffer.alloc(0)): Readable {
  const pieceBytes = 100_001;
  const count = Math.ceil(body.length / pieceBytes);
  const pieces = Array.from({ length: count }, (_, at) =>
    body.subarray(at * pieceBytes, (at + 1) * pieceBytes),
  );
  return Readable.from(pieces, { objectMode: false });
}

/** Lets what is on the way pile up after each piece. */
async function haltingly(body: Readable): Promise<Buffer[]> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) {
    chunks.push(chunk as Buffer);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return chunks;
}

function digestOf(chunks: readonly Buffer[]): string {
  const hash = createHash('sha256');
  for (const chunk of chunks) hash.update(chunk);
  return hash.digest('hex');
}
