/** Distributed traces: spans that are made by hand, of a few things each, and sent to an OpenTelemetry collector. */
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  ParentBasedSampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { ConfigValues } from '../config.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import type { traceVariables } from '../service-variables.ts';
import { SpanSender } from './span-sender.ts';

export interface TraceSpan {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Names the span to whoever works for it (W3C Trace Context). */
  readonly traceparent: string;
  /** False: nobody will see it, so that nothing need be found out about it. */
  readonly isRecording: boolean;
  /** Attributes hold what is bounded and ours: no key, query or header. To be called once. */
  end(outcome?: { name?: string; attributes?: Attributes; hasFailed?: boolean }): void;
}

export type SpanRole = 'server' | 'client' | 'consumer';
const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, consumer: SpanKind.CONSUMER };

export interface TracingOptions {
  service: string;
  /** Share of the traces begun here that are kept, from 0 to 1. Those that others began are kept as they say. */
  ratio: number;
  /** `dropped`: how many spans it has given up. */
  processor: SpanProcessor & { readonly dropped?: number };
}

export class Tracing {
  readonly #provider: TracerProvider;
  readonly #processor: TracingOptions['processor'];
  readonly #tracer: Tracer;

  constructor({ service, ratio, processor }: TracingOptions) {
    this.#processor = processor;
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': `hokusai-${service}` }),
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
      spanProcessors: [processor],
    });
    this.#tracer = this.#provider.getTracer('hokusai');
  }

  /** `parent` is a valid `traceparent`; without one a trace begins. So are `links`: other spans that it has to do with. */
  start(
    role: SpanRole,
    name: string,
    parent?: string,
    attributes: Attributes = {},
    links: readonly string[] = [],
  ): TraceSpan {
    const linked = links.map((traceparent) => ({ context: spanContextOf(traceparent) }));
    const span = this.#tracer.startSpan(
      name,
      { kind: KINDS[role], attributes, links: linked },
      contextOf(parent),
    );
    const { traceId, spanId, traceFlags } = span.spanContext();
    return {
      traceId,
      traceparent: `00-${traceId}-${spanId}-0${traceFlags & TraceFlags.SAMPLED}`,
      isRecording: span.isRecording(),
      end: ({ name: finalName, attributes: found = {}, hasFailed = false } = {}) => {
        if (finalName !== undefined) span.updateName(finalName);
        span.setAttributes(found);
        if (hasFailed) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      },
    };
  }

  /** Spans that no collector has got. */
  get dropped(): number {
    return this.#processor.dropped ?? 0;
  }

  /** Sends what has ended. */
  close(): Promise<void> {
    return this.#provider.shutdown();
  }
}

function contextOf(parent: string | undefined): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, spanContextOf(parent));
}

function spanContextOf(traceparent: string): SpanContext {
  const [, traceId = '', spanId = '', flags = ''] = traceparent.split('-');
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
}

const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Whether a text that came from elsewhere names a span (W3C Trace Context, version 00). */
export function isTraceparent(text: string): boolean {
  return TRACEPARENT.test(text);
}

/** Whether it names a span that its maker keeps. */
export function isSampled(text: string): boolean {
  return isTraceparent(text) && (spanContextOf(text).traceFlags & TraceFlags.SAMPLED) !== 0;
}

const EXPORT_TIMEOUT_MS = 3000;
/** Some 4 MB. */
const MAX_WAITING_SPANS = 2048;

/** Undefined unless the configuration names a collector. Closed with the service, after what it traces. */
export function openTracing(
  service: string,
  config: ConfigValues<ReturnType<typeof traceVariables>>,
  logger: Logger,
  lifecycle: Pick<Lifecycle, 'onClose'>,
): Tracing | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: whole } = config;
  const url = whole ?? (base === undefined ? undefined : `${base.replace(/\/+$/, '')}/v1/traces`);
  if (url === undefined) return undefined;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS });
  const bounds = { timeoutMs: EXPORT_TIMEOUT_MS, maxWaiting: MAX_WAITING_SPANS };
  const processor = new SpanSender({ exporter, ...bounds, logger });
  const tracing = new Tracing({ service, ratio: Number(config.OTEL_TRACES_SAMPLER_ARG), processor });
  lifecycle.onClose('traces', () => tracing.close());
  return tracing;
}
