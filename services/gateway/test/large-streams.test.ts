/**
 * Large bodies through the gateway as a process, whose memory does not follow their size. `npm run soak -- streams`
 * sends 5 GiB each way, again and again.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { growthDuring, spawnService, type TestService } from '@hokusai/testing';
import { GATEWAY_ENTRY, gatewaySettings } from './support/gateway-process.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';
import { MIB, zeros } from './traps/support/bodies.ts';

const ARTIFACT = '/mlflow/api/2.0/mlflow-artifacts/artifacts/1/model.bin';
const SOAK_SECONDS = Number(process.env['HOKUSAI_SOAK_SECONDS'] ?? 0);
const SIZE = SOAK_SECONDS > 0 ? 5 * 1024 * MIB : 128 * MIB;
const WARM_UP = 32 * MIB;
const MEMORY_BOUND = 64 * MIB;

describe('streams through the gateway as a process', function () {
  this.timeout((SOAK_SECONDS + 600) * 1000);
  let upstream: HttpUpstream;
  let service: TestService;
  let port: number;
  /** What the upstream sends. */
  let size: number;

  before(async () => {
    upstream = await startHttpUpstream((incoming, outgoing) => {
      let bytes = 0;
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      if (incoming.method === 'PUT') incoming.on('end', () => outgoing.end(String(bytes)));
      else zeros(size).pipe(outgoing.setHeader('Content-Length', size));
    });
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
    const sent = request({ port, method: 'PUT', path: ARTIFACT, headers: { 'content-length': bytes } });
    zeros(bytes).pipe(sent);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return Number((await answer.toArray()).join(''));
  }

  async function download(bytes: number): Promise<number> {
    size = bytes;
    const [answer] = (await once(request({ port, path: ARTIFACT }).end(), 'response')) as [IncomingMessage];
    let received = 0;
    for await (const chunk of answer) received += (chunk as Buffer).length;
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
});
