/** How many requests a second each variant serves on one core, beside the others. */

import { runWrk, type WrkSettings } from './processes.ts';
import { medianOf } from './statistics.ts';

export type Variants = Readonly<Record<string, Pick<WrkSettings, 'url' | 'key' | 'script'>>>;

export interface Rates<Name extends string> {
  /** Requests per second, by variant and round. */
  of(name: Name): readonly number[];
  /** How many times the rate of the other one: the median of the rounds, each compared with itself. */
  ratio(name: Name, other: Name): number;
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
 * first each time. Before them each variant runs unmeasured for as long as it is measured then.
 */
export async function measureRates<Given extends Variants>(
  variants: Given,
  { rounds, seconds, connections }: Rounds,
): Promise<Rates<keyof Given & string>> {
  const names = Object.keys(variants);
  const rates = new Map(names.map((name): [string, number[]] => [name, []]));
  const measure = (name: string, forSeconds: number) =>
    runWrk({ ...(variants[name] as WrkSettings), connections, seconds: forSeconds });
  const warmUpSeconds = Math.max(WARM_UP_SECONDS, rounds * seconds);
  for (const name of names) await measure(name, warmUpSeconds);
  for (let round = 0; round < rounds; round++) {
    for (let place = 0; place < names.length; place++) {
      const name = names[(place + round) % names.length] as string;
      const rate = await measure(name, seconds);
      rates.get(name)?.push(rate);
    }
  }
  const of = (name: string) => rates.get(name) ?? [];
  return {
    of,
    ratio: (name, other) => medianOf(of(name).map((rate, round) => rate / (of(other)[round] ?? Number.NaN))),
  };
}
