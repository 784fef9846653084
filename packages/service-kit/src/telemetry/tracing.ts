/** Distributed traces: spans that are made by hand, of a few things each, and sent to an OpenTelemetry collector. */
import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { ConfigValues } from '../config.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { traceVariables } from '../service-variables.ts';

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

export type SpanRole = 'server' | 'client';
const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT };

export interface TracingOptions {
  service: string;
  /** Share of the traces begun here that are kept, from 0 to 1. Those that others began are kept as they say. */
  ratio: number;
  processor: SpanProcessor;
}

export class Tracing {
  readonly #provider: TracerProvider;
  readonly #tracer: Tracer;

  constructor({ service, ratio, processor }: TracingOptions) {
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': `hokusai-${service}` }),
      sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
      spanProcessors: [processor],
    });
    this.#tracer = this.#provider.getTracer('hokusai');
  }

  /** `parent` is a valid `traceparent`; without one a trace begins. */
  start(role: SpanRole, name: string, parent?: string, attributes: Attributes = {}): TraceSpan {
    const span = this.#tracer.startSpan(name, { kind: KINDS[role], attributes }, contextOf(parent));
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

  /** Sends what has ended. */
  close(): Promise<void> {
    return this.#provider.shutdown();
  }
}

function contextOf(parent: string | undefined): Context {
  if (parent === undefined) return ROOT_CONTEXT;
  const [, traceId = '', spanId = '', flags = ''] = parent.split('-');
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true });
}

const EXPORT_TIMEOUT_MS = 3000;

/** Undefined unless the configuration names a collector. Closed with the service, after what it traces. */
export function openTracing(
  service: string,
  config: ConfigValues<ReturnType<typeof traceVariables>>,
  lifecycle: Pick<Lifecycle, 'onClose'>,
): Tracing | undefined {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: base, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: whole } = config;
  const url = whole ?? (base === undefined ? undefined : `${base.replace(/\/+$/, '')}/v1/traces`);
  if (url === undefined) return undefined;
  const exporter = new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS });
  const processor = new BatchSpanProcessor({ exporter, exportTimeoutMillis: EXPORT_TIMEOUT_MS });
  const tracing = new Tracing({ service, ratio: Number(config.OTEL_TRACES_SAMPLER_ARG), processor });
  lifecycle.onClose('traces', () => tracing.close());
  return tracing;
}
