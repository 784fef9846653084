/** Traces of a gateway and a keys service, as a collector gets them. */
import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { services } from '@hokusai/contracts';
import { type Cluster, eventually, freePort, grpcCallers, startCluster } from '@hokusai/testing';
import { startTraceCollector, type TraceCollector } from './support/trace-collector.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';
const SECRET_QUERY = 'a-value-of-the-query';

describe('traces', function () {
  this.timeout(180_000);
  let upstream: HttpUpstream;
  let collector: TraceCollector;
  let received: IncomingHttpHeaders[];

  before(async () => {
    upstream = await startHttpUpstream((incoming, outgoing) => {
      received.push(incoming.headers);
      outgoing.end('{}');
    });
  });
  beforeEach(async () => {
    received = [];
    collector = await startTraceCollector();
  });
  afterEach(() => collector[Symbol.asyncDispose]());
  after(() => upstream.close());

  type Settings = Record<string, string>;
  const startTraced = (settings: Settings, gatewaySettings: Settings = {}): Promise<Cluster> =>
    startCluster({
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
      gatewaySettings: { ...settings, ...gatewaySettings },
    });

  /** Asks once; what there is to be collected has come when the processes have ended. Returns the key. */
  async function askOnce(settings: Settings, traceparent?: string): Promise<string> {
    await using cluster = await startTraced(settings);
    await ask(cluster, traceparent);
    return cluster.adminKey;
  }

  async function ask(cluster: Cluster, traceparent?: string): Promise<void> {
    const url = `${cluster.gateways[0]?.url}/mlflow/api/2.0/mlflow/runs/get?run_id=${SECRET_QUERY}`;
    const headers = { authorization: `Bearer ${cluster.adminKey}`, ...(traceparent && { traceparent }) };
    const answer = await fetch(url, { headers });
    assert.equal(await answer.text(), '{}');
  }

  it('are one from the client through gateway and keys service to Postgres, and hold no key', async () => {
    const key = await askOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, `00-${TRACE}-${PARENT}-01`);
    const spans = collector.spans.filter(({ traceId }) => traceId === TRACE);
    const request = spans.find(({ service }) => service === 'hokusai-gateway');
    assert.equal(request?.name, 'GET /api/2.0/mlflow/runs/get');
    assert.equal(request.parentSpanId, PARENT);
    assert.equal(request.attributes['http.response.status_code'], 200);
    assert.ok(request.attributes['hokusai.key_id']);
    assert.equal(received.at(-1)?.['traceparent'], `00-${TRACE}-${request.spanId}-01`);
    const call = spans.find(({ name }) => name.endsWith('/ValidateKey'));
    assert.deepEqual([call?.service, call?.parentSpanId], ['hokusai-keys', request.spanId]);
    const statements = spans.filter(({ parentSpanId }) => parentSpanId === call?.spanId);
    assert.ok(
      statements.some(({ name }) => name === 'postgres SELECT'),
      JSON.stringify(spans),
    );
    const all = collector.bodies.join('\n');
    for (const text of [key, key.slice(-20), SECRET_QUERY]) assert.ok(!all.includes(text));
  });

  it('are not sent for who does not keep them, and go on as such', async () => {
    await askOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, `00-${TRACE}-${PARENT}-00`);
    assert.deepEqual(
      collector.spans.filter(({ traceId }) => traceId === TRACE),
      [],
    );
    assert.match(String(received.at(-1)?.['traceparent']), new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
  });

  it('are not begun at a ratio of 0', async () => {
    await askOnce({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: '0' });
    assert.deepEqual(collector.bodies, []);
  });

  it('hold nobody up while the collector is away, which is counted, and told once, as its return is', async () => {
    const [port, healthPort] = [await freePort(), await freePort()];
    await using cluster = await startTraced(
      { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
      { HEALTH_PORT: String(healthPort) },
    );
    await ask(cluster);
    await eventually(async () => {
      const metrics = await (await fetch(`http://127.0.0.1:${healthPort}/metrics`)).text();
      assert.match(metrics, /^hokusai_gateway_trace_spans_dropped_total [1-9]/m);
    });
    await using back = await startTraceCollector(port);
    await eventually(async () => {
      await ask(cluster);
      assert.ok(back.spans.some(({ service }) => service === 'hokusai-gateway'));
    });
    const output = cluster.gateways[0]?.process.output() ?? '';
    for (const line of ['traces can not be sent', 'traces are sent again'])
      assert.equal(output.split(line).length - 1, 1, output);
  });

  it('are not sent where no collector is named', async () => {
    await askOnce({}, `00-${TRACE}-${PARENT}-01`);
    assert.deepEqual(collector.bodies, []);
  });
});
