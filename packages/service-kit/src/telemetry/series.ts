/**
 * Counters and histograms of which the request path holds the very series that it adds to: nothing is looked up or
 * hashed there. prom-client's own hash their labels each time.
 */

/** A value of one series, as prom-client writes it. */
export interface SampleValue {
  /** Where it is not the metric's own: `…_bucket`, `…_sum`, `…_count`. */
  metricName?: string;
  labels: Record<string, string | number>;
  value: number;
}

export class Counter {
  value = 0;

  add(amount = 1): void {
    this.value += amount;
  }

  samples(labels: SampleValue['labels']): SampleValue[] {
    return [{ labels, value: this.value }];
  }
}

export class Histogram {
  readonly #name: string;
  readonly #bounds: readonly number[];
  /** By bucket, not cumulated; the last one is beyond all bounds. */
  readonly #counts: number[];
  #sum = 0;

  constructor(name: string, bounds: readonly number[]) {
    this.#name = name;
    this.#bounds = bounds;
    this.#counts = Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let at = 0;
    while (at < bounds.length && value > (bounds[at] as number)) at += 1;
    this.#counts[at] = (this.#counts[at] as number) + 1;
    this.#sum += value;
  }

  samples(labels: SampleValue['labels']): SampleValue[] {
    let count = 0;
    const buckets = this.#counts.map((inBucket, at) => {
      count += inBucket;
      const le = this.#bounds[at] ?? '+Inf';
      return { metricName: `${this.#name}_bucket`, labels: { ...labels, le }, value: count };
    });
    return [
      ...buckets,
      { metricName: `${this.#name}_sum`, labels, value: this.#sum },
      { metricName: `${this.#name}_count`, labels, value: count },
    ];
  }
}
