import assert from 'node:assert/strict';
import { currentTraceparent } from '@hokusai/contracts';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { Tracing } from '../telemetry/tracing.ts';
import type { DeliveredMessage } from './bus-message.ts';
import { traceBatches } from './traced-batches.ts';
import { UnreadableMessages } from './unreadable.ts';

const [ONE, TWO] = ['1', '2'].map((digit) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`) as [
  string,
  string,
];

const message = (...traceparents: string[]): DeliveredMessage => ({
  ...{ subject: 'hokusai.test.x', text: '{}', data: {}, streamSequence: 1, receivedAt: new Date(0) },
  traceparents,
});

describe('traceBatches', () => {
  const setUp = () => {
    const exporter = new InMemorySpanExporter();
    const tracing = new Tracing({
      service: 'test',
      ratio: 0,
      processor: new SimpleSpanProcessor({ exporter }),
    });
    return { tracing, spans: () => exporter.getFinishedSpans() };
  };

  it('makes a span in the trace of each message, and does the work in the first', async () => {
    const { tracing, spans } = setUp();
    let scope: string | undefined;
    const handle = traceBatches(tracing, 'test-consumer', () => {
      scope = currentTraceparent();
      return Promise.resolve();
    });
    await handle([message(), message(ONE), message(TWO)]);
    const [first, second] = spans();
    assert.deepEqual([first?.kind, first?.name], [SpanKind.CONSUMER, 'process hokusai.test.x']);
    const own = `00-${'1'.repeat(32)}-${first?.spanContext().spanId}-01`;
    assert.equal(scope, own);
    const linksOf = (span: typeof first) => span?.links.map(({ context }) => context.spanId);
    assert.deepEqual(linksOf(first), ['1'.repeat(16)]);
    assert.equal(second?.spanContext().traceId, '2'.repeat(32));
    assert.equal(second.parentSpanContext?.spanId, '2'.repeat(16));
    assert.deepEqual(linksOf(second), ['2'.repeat(16), first?.spanContext().spanId]);
    assert.equal(second.attributes['messaging.batch.message_count'], 3);
  });

  it('makes few spans of many, and none of what is not kept or no name of a span', async () => {
    const { tracing, spans } = setUp();
    const handle = traceBatches(tracing, 'test-consumer', async () => {});
    await handle(['', 'x', ONE.replace('1', 'g'), ONE.replace(/1$/, '0')].map((text) => message(text)));
    assert.deepEqual(spans(), []);
    await handle(Array.from({ length: 30 }, () => message(ONE, TWO)));
    assert.equal(spans().length, 32);
  });

  it('tells which message could not be handled, and lets the failure through', async () => {
    const { tracing, spans } = setUp();
    const failure = new UnreadableMessages(new Map([[1, new Error('no')]]));
    const handle = traceBatches(tracing, 'test-consumer', () => Promise.reject(failure));
    await assert.rejects(handle([message(ONE), message(TWO)]), failure);
    const statuses = spans().map(({ status }) => status.code);
    assert.deepEqual(statuses, [SpanStatusCode.UNSET, SpanStatusCode.ERROR]);
  });
});
