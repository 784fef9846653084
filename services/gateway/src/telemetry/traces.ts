/** A span for each request. What it tells is bounded, and none of it a client's own text. */
import { withinTrace } from '@hokusai/contracts';
import {
  type Lifecycle,
  type Logger,
  type Metrics,
  openTracing,
  type TraceSpan,
  type Tracing,
} from '@hokusai/service-kit';
import type { GatewayConfig } from '../config.ts';
import type { TraceContext } from '../domain/trace-context.ts';
import type { Exchange } from '../http/exchange.ts';
import type { RequestTraces } from '../http/server.ts';
import { statusOf } from '../http/usage.ts';
import { GATEWAY_METRICS } from './definitions.ts';
import { knownMethod } from './requests.ts';

const SERVER_ERROR = 500;

/** Undefined unless the configuration names a collector. To be opened before the server, so that it closes after it. */
export function openTraces(
  config: GatewayConfig,
  metrics: Metrics,
  logger: Logger,
  lifecycle: Lifecycle,
): RequestTraces | undefined {
  const tracing = openTracing('gateway', config, logger, lifecycle);
  metrics.read(GATEWAY_METRICS.spansDropped, () => tracing?.dropped ?? 0);
  return tracing && traceRequests(tracing);
}

function traceRequests(tracing: Tracing): RequestTraces {
  const spans = new WeakMap<TraceContext, TraceSpan>();
  return {
    begin: (inbound, traceparent) => {
      const span = tracing.start('server', 'HTTP', inbound.continued ? traceparent : undefined);
      const { traceId, traceparent: ours, isRecording: isKept } = span;
      const context = { ...inbound, traceId, traceparent: ours, isKept };
      if (isKept) spans.set(context, span);
      return context;
    },
    within: ({ trace }, work) => withinTrace(trace.traceparent, work),
    ended: (exchange) => spans.get(exchange.trace)?.end(outcomeOf(exchange)),
  };
}

function outcomeOf(exchange: Exchange) {
  const { route, caller, reason, incoming } = exchange;
  const method = knownMethod(incoming.method ?? '');
  const status = statusOf(exchange);
  return {
    name: route ? `${method} ${route.endpoint}` : method,
    attributes: {
      'http.request.method': method,
      'http.response.status_code': status,
      ...(route && { 'http.route': route.endpoint, 'hokusai.upstream': route.upstream }),
      ...(caller && { 'hokusai.key_id': caller.state.keyId }),
      ...(reason !== undefined && { 'hokusai.reason': reason }),
    },
    hasFailed: status >= SERVER_ERROR,
  };
}
