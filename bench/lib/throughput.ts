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
  /** How many times that of the other one: the median of the rounds, each compared with itself. */
  costRatio(name: Name, other: Name): number;
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
  const measure = ({ url, key, script }: Variant, forSeconds: number) =>
    runWrk({ url, key, script, connections, seconds: forSeconds });
  for (const name of names) {
    const processes = processesOf(name);
    const warmUpSeconds = Math.max(WARM_UP_SECONDS, Math.ceil((rounds * seconds) / processes.length));
    for (const process of processes) await measure(process, warmUpSeconds);
  }
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < names.length; place++) {
      const name = names[(place + round) % names.length] as string;
      const processes = processesOf(name);
      const variant = processes[round % processes.length] as Variant;
      const { pid } = variant;
      const before = pid === undefined ? Number.NaN : cpuSecondsOf(pid);
      const rate = await measure(variant, seconds);
      rates.get(name)?.push(rate);
      if (pid !== undefined) costs.get(name)?.push(((cpuSecondsOf(pid) - before) * 1e6) / (rate * seconds));
    }
  }
  const of = (name: string) => rates.get(name) ?? [];
  const costsOf = (name: string) => costs.get(name) ?? [];
  return {
    of,
    ratio: (name, other) => ratioOf(of(name), of(other)),
    cost: (name) => medianOf(costsOf(name)),
    costRatio: (name, other) => ratioOf(costsOf(name), costsOf(other)),
  };
}

function ratioOf(each: readonly number[], others: readonly number[]): number {
  return medianOf(each.map((value, round) => value / (others[round] ?? Number.NaN)));
}
