/** Traces of OpenTelemetry's plain exporters, sent through the gateway to where runs are tracked. */
import assert from 'node:assert/strict';
import { sharedMlflow } from '@hokusai/testing';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import {
  AuthenticationError,
  ConfigurationError,
  initTracing,
  NotFoundError,
  otlpSettings,
} from '../src/index.ts';
import { openClient } from './support/run-artifacts.ts';
import { type Gateway, startGateway } from './support/through-gateway.ts';

const READY_MS = 120_000;

describe('traces through the gateway', () => {
  let gateway: Gateway;
  before(async function () {
    this.timeout(READY_MS);
    gateway = await startGateway((await sharedMlflow()).url);
  });
  after(() => gateway[Symbol.asyncDispose]());

  const settings = () => ({ trackingUri: gateway.trackingUri, apiKey: gateway.apiKey });

  for (const [encoding, Exporter] of [
    ['JSON', JsonExporter],
    ['Protocol Buffers', ProtobufExporter],
  ] as const)
    it(`are found in the experiment that is configured, sent as ${encoding}`, async () => {
      const { url, headers } = await otlpSettings({ ...settings(), experimentName: `traces in ${encoding}` });
      const processor = new SimpleSpanProcessor({ exporter: new Exporter({ url, headers }) });
      const provider = new TracerProvider({ spanProcessors: [processor] });
      const span = provider.getTracer('test').startSpan('predict');
      const { traceId } = span.spanContext();
      span.end();
      await provider.forceFlush();
      await provider.shutdown();
      assert.deepEqual(await tracesOf(headers['x-mlflow-experiment-id']), [`tr-${traceId}`]);
    });

  const tracesOf = async (experimentId = '') => {
    const http = openClient(settings());
    const location = { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: experimentId } };
    const answer = await http.json({
      method: 'POST',
      path: '/api/3.0/mlflow/traces/search',
      body: { locations: [location], max_results: 10 },
    });
    http.close();
    return (answer['traces'] as unknown as { trace_id: string }[]).map(({ trace_id }) => trace_id);
  };

  it('are not begun where they could not be stored', async () => {
    const stranger = { ...settings(), apiKey: 'hk_live_nobody' };
    await assert.rejects(otlpSettings(stranger), AuthenticationError);
    await assert.rejects(otlpSettings({ ...settings(), experimentId: '987654321' }), NotFoundError);
  });

  it("are recorded by MLflow's own package, which has to be installed for that", async () => {
    await assert.rejects(initTracing(settings()), (error) => {
      assert(error instanceof ConfigurationError);
      assert.match(error.message, /npm install @mlflow\/core/);
      return true;
    });
  });
});
