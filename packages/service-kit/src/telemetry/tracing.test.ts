import assert from 'node:assert/strict';
import { SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { createLogger } from '../log.ts';
import { openTracing, Tracing } from './tracing.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

describe('Tracing', () => {
  const tracingOf = (ratio: number) => {
    const exporter = new InMemorySpanExporter();
    const tracing = new Tracing({ service: 'test', ratio, processor: new SimpleSpanProcessor({ exporter }) });
    return { tracing, spans: () => exporter.getFinishedSpans() };
  };

  it('continues a trace with a span of its own, and names that to others', () => {
    const { tracing, spans } = tracingOf(0);
    const span = tracing.start('server', 'before', `00-${TRACE}-${PARENT}-01`);
    span.end({ name: 'after', attributes: { status: 503 }, hasFailed: true });
    const [told] = spans();
    assert.equal(told?.name, 'after');
    assert.equal(told.spanContext().traceId, TRACE);
    assert.equal(told.parentSpanContext?.spanId, PARENT);
    assert.equal(span.traceparent, `00-${TRACE}-${told.spanContext().spanId}-01`);
    assert.deepEqual([told.attributes, told.status.code], [{ status: 503 }, SpanStatusCode.ERROR]);
    assert.equal(told.resource.attributes['service.name'], 'hokusai-test');
  });

  it('keeps nothing of a trace that its beginner does not keep', () => {
    const { tracing, spans } = tracingOf(1);
    const span = tracing.start('server', 'x', `00-${TRACE}-${PARENT}-00`);
    span.end();
    assert.deepEqual([span.isRecording, spans()], [false, []]);
    assert.match(span.traceparent, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
  });

  for (const [ratio, kept] of [
    [1, 1],
    [0, 0],
  ] as const)
    it(`keeps ${kept} of 1 trace that begins here, at a ratio of ${ratio}`, () => {
      const { tracing, spans } = tracingOf(ratio);
      const span = tracing.start('server', 'x');
      span.end();
      assert.equal(spans().length, kept);
      assert.ok(span.traceparent.endsWith(`-0${kept}`));
    });
});

const silent = createLogger({ service: 'test', level: 'silent' });

describe('openTracing', () => {
  it('opens nothing unless a collector is named', () => {
    const onClose = () => assert.fail('something was opened');
    const config = {
      OTEL_EXPORTER_OTLP_ENDPOINT: undefined,
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: undefined,
      OTEL_TRACES_SAMPLER_ARG: '1',
    };
    assert.equal(openTracing('test', config, silent, { onClose }), undefined);
  });
});
