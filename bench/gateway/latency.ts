/** What a variant adds to the time of a request, at a constant rate that none of them finds hard. */
import { medianOf, type Quantiles, quantilesOf } from '../lib/statistics.ts';
import type { LoadSettings } from './load.ts';
import { runLoad } from './run-load.ts';

type Endpoint = Pick<LoadSettings, 'port' | 'path' | 'key'>;

export interface Latencies {
  direct: Quantiles;
  gateway: Quantiles;
  /** Median over the rounds of what the gateway's quantile is above that of the direct way. */
  added: Quantiles;
}

const RATE = 1000;
const CONNECTIONS = 32;

/** Throws if any request was not answered with 200. */
export async function measureLatencies(
  endpoints: { direct: Endpoint; gateway: Endpoint },
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<Latencies> {
  const measure = (endpoint: Endpoint, forSeconds: number) =>
    latenciesOf({ ...endpoint, rate: RATE, seconds: forSeconds, connections: CONNECTIONS });
  await measure(endpoints.direct, 1);
  await measure(endpoints.gateway, 3);
  const all = { direct: [] as number[], gateway: [] as number[] };
  const added: Quantiles[] = [];
  for (let round = 0; round < rounds; round++) {
    const direct = await measure(endpoints.direct, seconds);
    const gateway = await measure(endpoints.gateway, seconds);
    all.direct.push(...direct);
    all.gateway.push(...gateway);
    added.push(differenceOf(quantilesOf(gateway), quantilesOf(direct)));
  }
  const median = (name: keyof Quantiles) => medianOf(added.map((each) => each[name]));
  return {
    direct: quantilesOf(all.direct),
    gateway: quantilesOf(all.gateway),
    added: { p50: median('p50'), p95: median('p95'), p99: median('p99') },
  };
}

/** Of requests at a constant rate, in ms. */
export async function latenciesOf(settings: LoadSettings): Promise<number[]> {
  const { latenciesMs, statuses } = await runLoad(settings);
  const { 200: served = 0, ...others } = statuses;
  if (Object.keys(others).length > 0 || served < settings.rate * settings.seconds)
    throw new Error(
      `Not all of ${settings.rate * settings.seconds} requests were served (${JSON.stringify(statuses)}). Is the machine busy with something else?`,
    );
  return latenciesMs;
}

function differenceOf(one: Quantiles, other: Quantiles): Quantiles {
  return { p50: one.p50 - other.p50, p95: one.p95 - other.p95, p99: one.p99 - other.p99 };
}
