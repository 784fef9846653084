/** How many requests a second each variant serves on one core, beside the others. */

import { runWrk, type WrkSettings } from './processes.ts';
import { cpuSecondsOf } from './processor-time.ts';
import { medianOf } from './statistics.ts';

export interface Variant extends Pick<WrkSettings, 'url' | 'key' | 'script'> {
  /** Of its process, where its processor time is wanted. */
  pid?: number;
}

/** Several of a name are processes of the same: two may differ by a fifth, whatever it is that V8 has made of them. */
export type Variants = Readonly<Record<string, Variant | readonly Variant[]>>;

export interface Rates<Name extends string> {
  /** Requests per second, by variant and round. */
  of(name: Name): readonly number[];
  /** How many times the rate of the other one: the median of the rounds, each compared with itself. */
  ratio(name: Name, other: Name): number;
  /** Processor time of its process for each request, in µs: the median of the rounds. */
  cost(name: Name): number;
}

/** V8 compiles for that long at least, at some thousand requests a second, what it finds hot. */
const WARM_UP_SECONDS = 10;

export interface Rounds {
  rounds: number;
  seconds: number;
  connections: number;
}

/**
 * Rounds are interleaved, so that whatever else the machine does falls on all variants alike; another one is
 * first each time, and where a variant has several processes, another one of them is its own. Before the rounds each
 * process runs unmeasured for as long as it is measured then.
 */
export async function measureRates<Given extends Variants>(
  variants: Given,
  { rounds, seconds, connections }: Rounds,
): Promise<Rates<keyof Given & string>> {
  const names = Object.keys(variants);
  const rates = new Map(names.map((name): [string, number[]] => [name, []]));
  const costs = new Map(names.map((name): [string, number[]] => [name, []]));
  const processesOf = (name: string) => [variants[name] as Variant | readonly Variant[]].flat();
  for (const name of names) {
    const processes = processesOf(name);
    const own = rounds / processes.length;
    for (const process of processes) await warmUp(process, { rounds: own, seconds, connections });
  }
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < names.length; place++) {
      const name = names[(place + round) % names.length] as string;
      const processes = processesOf(name);
      const variant = processes[round % processes.length] as Variant;
      const { rate, cost } = await measured(variant, { seconds, connections });
      rates.get(name)?.push(rate);
      if (variant.pid !== undefined) costs.get(name)?.push(cost);
    }
  }
  const of = (name: string) => rates.get(name) ?? [];
  const costsOf = (name: string) => costs.get(name) ?? [];
  return {
    of,
    ratio: (name, other) => ratioOf(of(name), of(other)),
    cost: (name) => medianOf(costsOf(name)),
  };
}

/** Has V8 compile what is hot, for as long as it is measured then. */
export async function warmUp(variant: Variant, { rounds, seconds, connections }: Rounds): Promise<void> {
  const { url, key, script } = variant;
  const forSeconds = Math.max(WARM_UP_SECONDS, Math.ceil(rounds * seconds));
  await runWrk({ url, key, script, connections, seconds: forSeconds });
}

/** Processor time of the process for each request, in µs. */
export async function costOf(
  variant: Variant & { pid: number },
  load: Pick<Rounds, 'seconds' | 'connections'>,
): Promise<number> {
  return (await measured(variant, load)).cost;
}

/** Requests per second, and as `costOf`: not a number where no process is named. */
async function measured(
  { url, key, script, pid }: Variant,
  { seconds, connections }: Pick<Rounds, 'seconds' | 'connections'>,
): Promise<{ rate: number; cost: number }> {
  const usedSeconds = () => (pid === undefined ? Number.NaN : cpuSecondsOf(pid));
  const before = usedSeconds();
  const rate = await runWrk({ url, key, script, connections, seconds });
  return { rate, cost: ((usedSeconds() - before) * 1e6) / (rate * seconds) };
}

function ratioOf(each: readonly number[], others: readonly number[]): number {
  return medianOf(each.map((value, round) => value / (others[round] ?? Number.NaN)));
}
