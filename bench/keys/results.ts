/** What was measured, printed as it comes: a line for each kind of call, a column for each size. */
import type { Samples } from '../lib/interleave.ts';
import { atMost, type Row, type Target } from '../lib/report.ts';
import { type Quantiles, quantilesOf } from '../lib/statistics.ts';

const GROWTH_LIMIT = 2;
const NAME_WIDTH = 48;
const COLUMN_WIDTH = 22;

/** What is expected of a kind of call. */
export interface Expectation {
  /** The 95th percentile at the largest size is at most twice that at the smallest. */
  isFlat: boolean;
  /** Bound of the 99th percentile at each size, in milliseconds. */
  p99LimitMs?: number;
}

export class Results {
  readonly rows: Row[] = [];
  readonly targets: Target[] = [];
  readonly #sizes: readonly number[];

  constructor(sizes: readonly number[]) {
    this.#sizes = sizes;
    const columns = sizes.map((size) => `${size} keys`.padStart(COLUMN_WIDTH)).join('');
    console.log(`${'p50 / p95 / p99 in ms'.padEnd(NAME_WIDTH)}${columns}   p95 grows`);
  }

  add(name: string, samples: Samples, { isFlat, p99LimitMs }: Expectation): void {
    const quantiles = samples.map(quantilesOf);
    const growth = (quantiles.at(-1)?.p95 ?? Number.NaN) / (quantiles[0]?.p95 ?? Number.NaN);
    this.#print(name, quantiles, growth);
    for (const [index, each] of quantiles.entries()) {
      const where = `${name}, ${this.#sizes[index]} keys`;
      for (const [quantile, value] of Object.entries(each))
        this.rows.push({ name: `${where}, ${quantile}`, value, unit: 'ms' });
      if (p99LimitMs !== undefined) this.targets.push(atMost(`${where}, p99 in ms`, p99LimitMs, each.p99));
    }
    if (!isFlat) return;
    const times = `${name}: p95 at ${this.#sizes.at(-1)} keys, in times of that at ${this.#sizes[0]}`;
    this.targets.push(atMost(times, GROWTH_LIMIT, growth));
  }

  /** Expects that the one is at most so many times the other, of the same run, at each size. */
  compare(
    name: string,
    other: string,
    { quantile, limit }: { quantile: keyof Quantiles; limit: number },
  ): void {
    const measured = (each: string, size: number) =>
      this.rows.find((row) => row.name === `${each}, ${size} keys, ${quantile}`)?.value ?? Number.NaN;
    for (const size of this.#sizes) {
      const times = `${name}, ${size} keys: ${quantile}, in times of that of ${other}`;
      this.targets.push(atMost(times, limit, measured(name, size) / measured(other, size)));
    }
  }

  #print(name: string, quantiles: readonly Quantiles[], growth: number): void {
    const columns = quantiles.map(({ p50, p95, p99 }) =>
      [p50, p95, p99]
        .map((ms) => ms.toFixed(1))
        .join(' / ')
        .padStart(COLUMN_WIDTH),
    );
    console.log(`${name.padEnd(NAME_WIDTH)}${columns.join('')}${`${growth.toFixed(2)} x`.padStart(12)}`);
  }
}
