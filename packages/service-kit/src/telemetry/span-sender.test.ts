import assert from 'node:assert/strict';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { SpanSender } from './span-sender.ts';
import { Tracing } from './tracing.ts';

/** A collector that takes what it gets, or does not, or says nothing until it is told to. */
class StubCollector implements SpanExporter {
  outcome: 'takes' | 'refuses' | 'hangs' = 'takes';
  readonly taken: ReadableSpan[] = [];
  release = () => {};

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    if (this.outcome === 'refuses') {
      done({ code: 1, error: new Error('connect ECONNREFUSED') });
      return;
    }
    this.release = () => {
      this.taken.push(...spans);
      done({ code: 0 });
    };
    if (this.outcome === 'takes') this.release();
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}

function setUp(maxWaiting = 100) {
  const collector = new StubCollector();
  const lines: string[] = [];
  const note = (level: string) => (_details: object, line: string) => void lines.push(`${level}: ${line}`);
  const logger = { warn: note('warn'), info: note('info') };
  const sender = new SpanSender({ exporter: collector, timeoutMs: 1000, maxWaiting, logger } as never);
  const tracing = new Tracing({ service: 'test', ratio: 1, processor: sender });
  const end = (count: number) => {
    for (let i = 0; i < count; i += 1) tracing.start('server', 'x').end();
  };
  return { collector, lines, sender, tracing, end };
}

const AWAY = 'warn: traces can not be sent: their spans are dropped';

describe('SpanSender', () => {
  it('says once that the collector is away and once that it is back, and counts what was dropped', async () => {
    const { collector, lines, sender, tracing, end } = setUp();
    collector.outcome = 'refuses';
    for (const count of [2, 3]) {
      end(count);
      await sender.forceFlush().catch(() => {});
    }
    assert.deepEqual([lines, sender.dropped], [[AWAY], 5]);
    collector.outcome = 'takes';
    for (const count of [1, 1]) {
      end(count);
      await sender.forceFlush();
    }
    assert.deepEqual(lines, [AWAY, 'info: traces are sent again']);
    assert.deepEqual([collector.taken.length, tracing.dropped], [2, 5]);
    await tracing.close();
  });

  it('keeps no more than it may while the collector says nothing', async () => {
    const { collector, lines, sender, tracing, end } = setUp(10);
    collector.outcome = 'hangs';
    end(4);
    const sent = sender.forceFlush();
    end(10);
    assert.equal(sender.dropped, 4);
    assert.match(lines.join(), /^warn: spans are dropped: more end than are taken/);
    collector.release();
    await sent;
    collector.outcome = 'takes';
    await tracing.close();
    assert.deepEqual([collector.taken.length, lines.length], [10, 1]);
  });

  it('ends though the collector is away', async () => {
    const { collector, lines, tracing, end } = setUp();
    collector.outcome = 'refuses';
    end(1);
    await tracing.close();
    assert.deepEqual([lines, tracing.dropped], [[AWAY], 1]);
  });
});
