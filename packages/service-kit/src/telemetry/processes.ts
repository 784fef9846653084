/** The metrics of several processes that serve together, as one. */
import { AggregatorRegistry } from 'prom-client';
import type { MetricSnapshot } from './metrics.ts';

/** Asks a process for what it has counted; rejects where it doesn't answer. */
type Ask = () => Promise<MetricSnapshot[]>;

/** What only rises: it stays counted when its process is gone. */
const LASTING = new Set(['counter', 'histogram']);

/**
 * Adds up processes that come and go. What a process had counted when it was last asked stays in the sums after its
 * end, since a sum that falls would be taken for a restart, and all of it counted as new.
 */
export class ProcessMetrics {
  readonly #asks = new Map<object, Ask>();
  readonly #latest = new Map<object, MetricSnapshot[]>();
  #ended: MetricSnapshot[] = [];
  /** One after the other: of two that end together, each adds to what the other has left. */
  #ending = Promise.resolve();

  /** `ask` is asked until the process has ended. */
  add(process: object, ask: Ask): void {
    this.#asks.set(process, ask);
  }

  async ended(process: object): Promise<void> {
    this.#asks.delete(process);
    const last = this.#latest.get(process);
    this.#latest.delete(process);
    if (!last) return;
    const lasting = last.filter(({ type }) => LASTING.has(type));
    this.#ending = this.#ending.then(async () => {
      this.#ended = (await sum([this.#ended, lasting]).getMetricsAsJSON()) as unknown as MetricSnapshot[];
    });
    await this.#ending;
  }

  /** Prometheus' text format. Of a process that doesn't answer, what it said last. */
  async text(): Promise<string> {
    await Promise.all([...this.#asks].map(([process, ask]) => this.#refresh(process, ask)));
    return await sum([...this.#latest.values(), this.#ended]).metrics();
  }

  async #refresh(process: object, ask: Ask): Promise<void> {
    try {
      const snapshot = await ask();
      if (this.#asks.has(process)) this.#latest.set(process, snapshot);
    } catch {
      // It may be starting, or hang: its health says so.
    }
  }
}

function sum(snapshots: MetricSnapshot[][]): AggregatorRegistry<'text/plain; version=0.0.4; charset=utf-8'> {
  return AggregatorRegistry.aggregate(snapshots as never) as never;
}
