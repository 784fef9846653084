/** What a flood of forged keys does to those who have one. */
import { type Quantiles, quantilesOf } from '../lib/statistics.ts';
import { latenciesOf } from './latency.ts';
import type { LoadOutcome, LoadSettings } from './load.ts';
import { runLoad } from './run-load.ts';

export interface FloodOutcome {
  /** Of requests with a key, in ms, over all rounds. */
  alone: Quantiles;
  flooded: Quantiles;
  /** Requests a second with a forged key: that were to be sent, and by the status of their answer. */
  offered: number;
  answered: Record<string, number>;
}

const NORMAL_RATE = 500;
const NORMAL_CONNECTIONS = 16;
const FLOOD_CONNECTIONS = 256;

/**
 * Normal traffic at a constant rate, with and without a flood of `floodRate` forged keys a second, each of them
 * new. Whoever floods has the rest of the core that the load runs on, after normal traffic: it is the gateway
 * that is to be crowded.
 */
export async function measureFlood(
  endpoint: Pick<LoadSettings, 'port' | 'path'> & { key: string },
  { floodRate, rounds, seconds }: { floodRate: number; rounds: number; seconds: number },
): Promise<FloodOutcome> {
  const normal = { ...endpoint, rate: NORMAL_RATE, seconds, connections: NORMAL_CONNECTIONS };
  const flood: LoadSettings = {
    ...endpoint,
    key: { forged: true },
    rate: floodRate,
    // It is there before normal traffic comes, and goes after it.
    seconds: seconds + 2,
    connections: FLOOD_CONNECTIONS,
  };
  const alone: number[] = [];
  const flooded: number[] = [];
  const floods: LoadOutcome[] = [];
  await latenciesOf(normal);
  for (let round = 0; round < rounds; round++) {
    alone.push(...(await latenciesOf(normal)));
    const flooding = runLoad(flood, { isNice: true });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    flooded.push(...(await latenciesOf(normal)));
    floods.push(await flooding);
  }
  return {
    alone: quantilesOf(alone),
    flooded: quantilesOf(flooded),
    offered: floodRate,
    answered: perSecond(floods, rounds * flood.seconds),
  };
}

function perSecond(floods: readonly LoadOutcome[], seconds: number): Record<string, number> {
  const answered: Record<string, number> = {};
  for (const { statuses } of floods)
    for (const [status, count] of Object.entries(statuses))
      answered[status] = (answered[status] ?? 0) + count / seconds;
  return answered;
}
