/** What is printed: a line for each kind of call, a column for each size. */
import type { Quantiles } from '../lib/statistics.ts';

const NAME_WIDTH = 42;
const COLUMN_WIDTH = 22;

export function head(sizes: readonly number[]): string {
  const columns = sizes.map((size) => `${size} keys`.padStart(COLUMN_WIDTH)).join('');
  return `${'p50 / p95 / p99 in ms'.padEnd(NAME_WIDTH)}${columns}   p95 grows`;
}

export function line(name: string, quantiles: readonly Quantiles[]): string {
  const columns = quantiles.map(({ p50, p95, p99 }) =>
    [p50, p95, p99].map((ms) => ms.toFixed(1)).join(' / '),
  );
  const growth = `${growthOf(quantiles).toFixed(2)} x`;
  return [
    name.padEnd(NAME_WIDTH),
    ...columns.map((text) => text.padStart(COLUMN_WIDTH)),
    growth.padStart(12),
  ].join('');
}

/** How many times as long the 95th percentile is at the last size as at the first. */
export function growthOf(quantiles: readonly Quantiles[]): number {
  return (quantiles.at(-1)?.p95 ?? Number.NaN) / (quantiles[0]?.p95 ?? Number.NaN);
}
