/** Traces that go on past NATS, to what usage and audit services store of a request. */
import assert from 'node:assert/strict';
import { services } from '@hokusai/contracts';
import {
  type Cluster,
  createDatabase,
  eventually,
  freePort,
  grpcCallers,
  spawnService,
  startCluster,
} from '@hokusai/testing';
import {
  CONSUMER_KIND,
  type CollectedSpan,
  startTraceCollector,
  type TraceCollector,
} from './support/trace-collector.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

const PARENT = '00f067aa0ba902b7';
const CREATING = '4bf92f3577b34da6a3ce929d0e0e4736';
const REFUSED = '5bf92f3577b34da6a3ce929d0e0e4736';
const PROXIED = '6bf92f3577b34da6a3ce929d0e0e4736';
const UNSAMPLED = '7bf92f3577b34da6a3ce929d0e0e4736';

describe('traces past NATS', function () {
  this.timeout(180_000);
  const stack = new AsyncDisposableStack();
  let upstream: HttpUpstream;
  let collector: TraceCollector;
  let cluster: Cluster;

  before(async () => {
    upstream = await startHttpUpstream((_incoming, outgoing) => void outgoing.end('{}'));
    stack.defer(() => upstream.close());
    collector = stack.use(await startTraceCollector());
    const settings = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    cluster = stack.use(
      await startCluster({
        replicas: 1,
        gateways: 1,
        upstreamUrl: upstream.url,
        keysCallers: grpcCallers(
          services.keyValidation,
          services.keyManagement,
          services.userManagement,
          services.auditWitness,
        ),
        keysSettings: settings,
        gatewaySettings: settings,
      }),
    );
    for (const [name, methods] of [
      ['usage', services.usage],
      ['audit', services.audit],
    ] as const) {
      const database = stack.use(await createDatabase(name));
      const upper = name.toUpperCase();
      const env = {
        ...settings,
        [`${upper}_DATABASE_URL`]: database.url,
        [`${upper}_GRPC_PORT`]: String(await freePort()),
        [`${upper}_GRPC_CALLERS`]: grpcCallers(methods),
        NATS_URL: cluster.nats.urls[name],
        HEALTH_PORT: String(await freePort()),
      };
      stack.use(await spawnService({ entry: `services/${name}/src/main.ts`, env }));
    }
  });
  after(() => stack.disposeAsync());

  const ask = (path: string, trace: string, init: RequestInit = {}, flags = '01') =>
    fetch(`${cluster.gateways[0]?.url}${path}`, {
      ...init,
      headers: {
        authorization: `Bearer ${cluster.adminKey}`,
        'content-type': 'application/json',
        traceparent: `00-${trace}-${PARENT}-${flags}`,
        ...init.headers,
      },
    });

  /** The trace's one span of that name, once it has come. */
  function found(trace: string, service: string, name: string): Promise<CollectedSpan> {
    return eventually(() => {
      const all = collector.spans.filter(({ traceId }) => traceId === trace);
      const [span, ...more] = all.filter((one) => one.service === `hokusai-${service}` && one.name === name);
      assert.ok(span && more.length === 0, all.map((one) => `${one.service} ${one.name}`).join('\n'));
      return span;
    });
  }

  /** A consumer's span in the sender's trace, below its span and linked to it. */
  function assertProcessed(span: CollectedSpan, sender: CollectedSpan): void {
    assert.equal(span.kind, CONSUMER_KIND);
    assert.equal(span.parentSpanId, sender.spanId);
    const [link] = span.links ?? [];
    assert.deepEqual([link?.traceId, link?.spanId], [sender.traceId, sender.spanId]);
    assert.equal(span.attributes['messaging.system'], 'nats');
  }

  it("are one from the client's request to the insert into the audit log", async () => {
    const answer = await ask('/api/v1/auth/keys', CREATING, {
      method: 'POST',
      body: JSON.stringify({ name: 'traced', scopes: ['mlflow:read'] }),
    });
    assert.equal(answer.status, 201);
    const request = await found(CREATING, 'gateway', 'POST /api/v1/auth/keys');
    assert.equal(request.parentSpanId, PARENT);
    const created = await found(CREATING, 'keys', 'hokusai.keys.v1.KeyManagementService/CreateKey');
    assert.equal(created.parentSpanId, request.spanId);
    const appended = await found(CREATING, 'audit', 'process hokusai.audit.v1.keys.key.created');
    assertProcessed(appended, created);
    const inserts = collector.spans.filter(
      ({ name, traceId }) => traceId === CREATING && name === 'postgres COPY',
    );
    assert.ok(
      inserts.some(
        ({ service, parentSpanId }) => service === 'hokusai-audit' && parentSpanId === appended.spanId,
      ),
    );
    assertProcessed(await found(CREATING, 'usage', 'process hokusai.keys.v1.events.created'), created);
  });

  it('go from a refused request to its entry in the audit log', async () => {
    const headers = { authorization: 'Bearer nonsense' };
    assert.equal((await ask('/mlflow/x', REFUSED, { headers })).status, 401);
    const request = await eventually(() => {
      const span = collector.spans.find(({ traceId }) => traceId === REFUSED);
      assert.ok(span);
      return span;
    });
    const appended = await found(REFUSED, 'audit', 'process hokusai.audit.v1.gateway.auth.refused');
    assertProcessed(appended, request);
  });

  it('go from a forwarded request to what is stored of its use', async () => {
    assert.equal((await ask('/mlflow/api/2.0/mlflow/runs/get', PROXIED)).status, 200);
    const request = await found(PROXIED, 'gateway', 'GET /api/2.0/mlflow/runs/get');
    for (const service of ['usage', 'keys'])
      assertProcessed(await found(PROXIED, service, 'process hokusai.usage.v1.requests'), request);
  });

  it('are none for who does not keep them', async () => {
    const path = '/mlflow/api/2.0/mlflow/runs/get';
    assert.equal((await ask(path, UNSAMPLED, {}, '00')).status, 200);
    assert.equal((await ask(path, `8${PROXIED.slice(1)}`)).status, 200);
    await found(`8${PROXIED.slice(1)}`, 'usage', 'process hokusai.usage.v1.requests');
    assert.deepEqual(
      collector.spans.filter(({ traceId }) => traceId === UNSAMPLED),
      [],
    );
  });
});
