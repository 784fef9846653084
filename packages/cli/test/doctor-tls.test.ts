/** What `hokusai doctor` says of a gateway that speaks HTTPS itself. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { services } from '@hokusai/contracts';
import type { DiagnosisReport } from '@hokusai/ml-platform';
import { CertificateAuthority, type Cluster, grpcCallers, startCluster } from '@hokusai/testing';
import { hokusai } from './support/command.ts';

describe('hokusai doctor, on a gateway that speaks HTTPS', function () {
  this.timeout(180_000);
  let authority: CertificateAuthority;
  let folder: string;
  let cluster: Cluster;
  const upstream = createServer((_, outgoing) => outgoing.end('{}'));

  before(async () => {
    authority = new CertificateAuthority();
    folder = mkdtempSync(join(tmpdir(), 'hokusai-doctor-tls-'));
    writeFileSync(join(folder, 'ca.pem'), authority.certificate);
    const { certificate, key } = authority.issue({
      commonName: 'gateway',
      altName: 'DNS:localhost',
      days: 30,
    });
    await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
    const { port } = upstream.address() as { port: number };
    cluster = await startCluster({
      ...{ replicas: 1, gateways: 1, upstreamUrl: `http://127.0.0.1:${port}` },
      keysCallers: grpcCallers(services.keyValidation, services.keyManagement, services.userManagement),
      gatewaySettings: { GATEWAY_TLS_CERT: certificate, GATEWAY_TLS_KEY: key, ALLOW_INSECURE_HTTP: 'never' },
    });
  });
  after(async () => {
    await cluster?.[Symbol.asyncDispose]();
    await new Promise((resolve) => upstream.close(resolve));
    authority?.close();
    rmSync(folder, { recursive: true });
  });

  /** By check. */
  async function diagnosed(scheme: 'http' | 'https', env: Record<string, string> = {}) {
    const uri = `${scheme}://localhost:${cluster.gateways[0]?.port}/mlflow`;
    const settings = { MLFLOW_TRACKING_URI: uri, MLFLOW_TRACKING_TOKEN: cluster.adminKey, HOME: folder };
    const { stdout } = await hokusai(['doctor', '--json', '--read-only'], { env: { ...settings, ...env } });
    const { checks } = JSON.parse(stdout) as DiagnosisReport;
    return new Map(checks.map((check) => [check.name as string, check]));
  }

  it('finds its certificate in order, and the key accepted', async () => {
    const checks = await diagnosed('https', { NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') });
    for (const name of ['tls', 'gateway', 'key'])
      assert.equal(checks.get(name)?.status, 'ok', checks.get(name)?.saw);
  });

  it('says which authority is not trusted, and which variable names those that are', async () => {
    const tls = (await diagnosed('https')).get('tls');
    assert.equal(tls?.status, 'failed');
    assert.match(tls?.saw ?? '', /issued by Throw-away CA, .*; it is not trusted \(/);
    assert.match(tls?.advice.join('\n') ?? '', /NODE_EXTRA_CA_CERTS/);
  });

  it('says of plain HTTP that the port speaks TLS, and which address would do', async () => {
    const gateway = (await diagnosed('http')).get('gateway');
    assert.equal(gateway?.failure, 'configuration');
    const port = cluster.gateways[0]?.port;
    assert.equal(gateway?.saw, `localhost:${port} speaks TLS, and the tracking URI begins with http://.`);
    assert.equal(gateway?.advice[0], `Set MLFLOW_TRACKING_URI to https://localhost:${port}/mlflow.`);
  });
});
