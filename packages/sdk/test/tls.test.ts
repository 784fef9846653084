import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createExperimentManager, TlsError } from '../src/index.ts';

const run = promisify(execFile);

describe('over TLS', () => {
  let folder: string;
  let certificate: string;
  let server: Server;
  let port: number;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hokusai-sdk-tls-'));
    const key = join(folder, 'key.pem');
    certificate = join(folder, 'certificate.pem');
    await run('openssl', [
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '1',
      ],
      ...[
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
        '-keyout',
        key,
        '-out',
        certificate,
      ],
    ]);
    const pair = { key: await readFile(key), cert: await readFile(certificate) };
    server = createServer(pair, (_request, response) => response.writeHead(404).end('{"error_code":"X"}'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  it('a certificate that nobody vouches for is an error that is not tried again', async () => {
    const lines: string[] = [];
    const note = (message: string) => void lines.push(message);
    const logger = { debug: note, info: () => undefined, warn: note, error: note };
    const trackingUri = `https://127.0.0.1:${port}`;
    const manager = createExperimentManager({ trackingUri, mockMode: false, logger });
    await assert.rejects(manager.startRun({ experimentId: '0' }), (error) => {
      assert(error instanceof TlsError);
      assert.match(error.message, /SELF_SIGNED/);
      assert.match(error.advice[0] ?? '', /NODE_EXTRA_CA_CERTS/);
      return true;
    });
    assert.deepEqual(lines, ['Failed']);
  });

  for (const [host, expected] of [
    ['localhost', 'NotFoundError'],
    ['127.0.0.1', 'TlsError'],
  ])
    it(`an authority in NODE_EXTRA_CA_CERTS vouches for its hosts: ${host}: ${expected}`, async () => {
      const program = `
        const { createExperimentManager } = await import(${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))});
        const manager = createExperimentManager({ trackingUri: 'https://${host}:${port}', mockMode: false });
        console.log(await manager.runs.get('1').catch((error) => error.name));`;
      const env = { ...process.env, NODE_EXTRA_CA_CERTS: certificate };
      const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program], { env });
      assert.equal(stdout.trim(), expected);
    });
});
