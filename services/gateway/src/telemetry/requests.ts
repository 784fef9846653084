/** Counts finished requests. Each series is found by what identifies it and kept: a request looks up, and hashes nothing. */
import { ERROR_REASONS } from '@hokusai/contracts/error-reasons';
import type { Counter, Metrics } from '@hokusai/service-kit';
import { REFUSALS } from '../domain/refusals.ts';
import type { RequestCounter } from '../http/server.ts';
import { statusOf } from '../http/usage.ts';
import { GATEWAY_METRICS } from './definitions.ts';

/** What clients of MLflow and browsers send. Whatever else comes is one, lest a stranger make series. */
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** Where nothing of ours or of an upstream was asked for. */
const NO_ROUTE = { upstream: 'none', endpoint: 'none' };

/** One of a few. */
export function knownMethod(method: string): string {
  return METHODS.has(method) ? method : 'other';
}

export function measureRequests(metrics: Metrics): RequestCounter {
  const requests = remembering(metrics.counter(GATEWAY_METRICS.requests).of);
  const durations = remembering(metrics.histogram(GATEWAY_METRICS.duration).of);
  const errors = remembering(metrics.counter(GATEWAY_METRICS.refusals).of);
  const observed = countObserved(metrics);
  const windows = remembering(metrics.counter(GATEWAY_METRICS.limitRefusals).of);
  const bytes = metrics.counter(GATEWAY_METRICS.bytes);
  const [bytesIn, bytesOut] = [bytes.of('in'), bytes.of('out')];
  let inFlight = 0;
  metrics.read(GATEWAY_METRICS.inFlight, () => inFlight);
  return {
    began: () => {
      inFlight += 1;
    },
    ended: (exchange) => {
      inFlight -= 1;
      const { route = NO_ROUTE, caller, reason, wouldRefuse, rateLimit } = exchange;
      const keyClass = caller?.state.environment ?? 'none';
      const known = knownMethod(exchange.incoming.method ?? '');
      requests(route.upstream, route.endpoint, known, statusClass(statusOf(exchange)), keyClass).add();
      durations(route.upstream, route.endpoint, keyClass).observe(exchange.elapsedMs() / 1000);
      bytesIn.add(exchange.bytesIn);
      bytesOut.add(exchange.bytesOut);
      if (reason !== undefined) errors(reason).add();
      if (wouldRefuse !== undefined) observed(wouldRefuse).add();
      if (rateLimit?.verdict === 'refused') for (const window of rateLimit.exhausted) windows(window).add();
    },
  };
}

/** The common ones are 0 from the start: a rate shows the first one only then. */
function countObserved(metrics: Metrics): (reason: string) => Counter {
  const reasons = metrics.counter(GATEWAY_METRICS.observedRefusals);
  for (const reason of [...Object.keys(REFUSALS), 'rate_limited', 'unknown_route']) reasons.of(reason);
  return (reason) => reasons.of(reason in ERROR_REASONS ? reason : 'other');
}

const CLIENT_LEFT = 499;
const CLASSES = ['other', '1xx', '2xx', '3xx', '4xx', '5xx'];

function statusClass(status: number): string {
  if (status === CLIENT_LEFT) return '499';
  return CLASSES[Math.floor(status / 100)] ?? 'other';
}

type Branch<Series> = Map<string, Branch<Series> | Series>;

/** The same series by a walk through maps, without putting a text together. */
function remembering<Series extends object>(
  find: (...values: never) => Series,
): (...values: string[]) => Series {
  const root: Branch<Series> = new Map();
  const findAny = find as (...values: string[]) => Series;
  return (...values) => {
    let branch = root;
    for (let at = 0; at < values.length - 1; at += 1) {
      const value = values[at] as string;
      const next = branch.get(value) as Branch<Series> | undefined;
      branch = next ?? grow(branch, value);
    }
    const last = values.at(-1) as string;
    const known = branch.get(last) as Series | undefined;
    if (known) return known;
    const series = findAny(...values);
    branch.set(last, series);
    return series;
  };
}

function grow<Series>(branch: Branch<Series>, value: string): Branch<Series> {
  const grown: Branch<Series> = new Map();
  branch.set(value, grown);
  return grown;
}
