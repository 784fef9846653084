/** Brings ended spans to a collector in the background, as far as it takes them: nobody waits for it. */
import type { Context } from '@opentelemetry/api';
import {
  BatchSpanProcessor,
  type ReadableSpan,
  type Span,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import type { Logger } from '../log.ts';

export interface SpanSenderOptions {
  exporter: SpanExporter;
  /** A batch that is not taken in so long is given up. */
  timeoutMs: number;
  /** Spans that may wait for the collector, those on their way included. */
  maxWaiting: number;
  logger: Pick<Logger, 'warn' | 'info'>;
}

/** `ExportResultCode.SUCCESS` of @opentelemetry/core. */
const TAKEN = 0;

/** Counts the spans that are given up, and says once that the collector is away, and once that it is back. */
export class SpanSender implements SpanProcessor {
  readonly #maxWaiting: number;
  readonly #logger: SpanSenderOptions['logger'];
  readonly #batches: BatchSpanProcessor;
  #waiting = 0;
  #dropped = 0;
  #isAway = false;
  #wasFull = false;

  constructor({ exporter, timeoutMs, maxWaiting, logger }: SpanSenderOptions) {
    this.#maxWaiting = maxWaiting;
    this.#logger = logger;
    this.#batches = new BatchSpanProcessor({
      exporter: this.#watched(exporter),
      exportTimeoutMillis: timeoutMs,
      // It drops what is beyond, and does not say how many.
      maxQueueSize: maxWaiting,
    });
  }

  /** Spans that no collector has got, since the start. */
  get dropped(): number {
    return this.#dropped;
  }

  onStart(span: Span, context: Context): void {
    this.#batches.onStart(span, context);
  }

  onEnd(span: ReadableSpan): void {
    if (this.#waiting >= this.#maxWaiting) {
      this.#dropForLackOfRoom();
      return;
    }
    this.#waiting += 1;
    this.#batches.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#batches.forceFlush();
  }

  /** Sends what there is, if it is taken in time. */
  async shutdown(): Promise<void> {
    // What failed has been told.
    await this.#batches.shutdown().catch(() => {});
  }

  #watched(exporter: SpanExporter): SpanExporter {
    return {
      export: (spans, done) =>
        exporter.export(spans, (result) => {
          this.#waiting -= spans.length;
          if (result.code === TAKEN) this.#taken();
          else this.#refused(spans.length, result.error);
          done(result);
        }),
      shutdown: () => exporter.shutdown(),
    };
  }

  #taken(): void {
    if (this.#isAway) this.#logger.info({ dropped: this.#dropped }, 'traces are sent again');
    this.#isAway = false;
  }

  #refused(count: number, error: Error | undefined): void {
    this.#dropped += count;
    if (this.#isAway) return;
    this.#isAway = true;
    this.#logger.warn({ problem: problemOf(error) }, 'traces can not be sent: their spans are dropped');
  }

  /** While the collector is away that is to be expected, and said already. */
  #dropForLackOfRoom(): void {
    this.#dropped += 1;
    if (this.#isAway || this.#wasFull) return;
    this.#wasFull = true;
    this.#logger.warn(
      { waiting: this.#waiting },
      'spans are dropped: more end than are taken by the collector. Lower OTEL_TRACES_SAMPLER_ARG.',
    );
  }
}

/** In a few words, without what a collector answered. A failure on several addresses has no message of its own. */
function problemOf(error: (Error & { code?: unknown }) | undefined): string {
  return error?.message || String(error?.code ?? 'no reason given');
}
