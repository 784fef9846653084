/** How far a consumer is, for those who watch it. */
import type { JsMsg } from '@nats-io/jetstream';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ServiceMetrics } from '../telemetry/service-metrics.ts';

/** A batch that is being stored. */
interface UnderWay {
  oldestMs: number;
}

export class ConsumerStats {
  stored = 0;
  retried = 0;
  deadLettered = 0;
  /** Not delivered yet, as of the last delivery. */
  pending = 0;
  readonly #now: () => number;
  readonly #underWay = new Set<UnderWay>();
  /** The oldest message of what could not be stored lately; cleared when something could. */
  #failedMs: number | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** A batch was delivered; the answer is to be called when it is settled, whatever became of it. */
  begin(batch: readonly JsMsg[]): () => void {
    const [oldest] = batch;
    const entry = { oldestMs: oldest?.time.getTime() ?? this.#now() };
    this.pending = batch.at(-1)?.info.pending ?? 0;
    this.#underWay.add(entry);
    return () => void this.#underWay.delete(entry);
  }

  succeeded(count: number): void {
    this.stored += count;
    this.#failedMs = undefined;
  }

  failed(batch: readonly JsMsg[]): void {
    this.retried += batch.length;
    const oldestMs = batch[0]?.time.getTime();
    if (oldestMs !== undefined) this.#failedMs = Math.min(oldestMs, this.#failedMs ?? oldestMs);
  }

  /** Age of the oldest message that is in hand, or waits to be tried again; 0 if there is none. */
  lagMs(): number {
    const times = [...this.#underWay].map(({ oldestMs }) => oldestMs);
    if (this.#failedMs !== undefined) times.push(this.#failedMs);
    return times.length === 0 ? 0 : Math.max(0, this.#now() - Math.min(...times));
  }
}

/** Tells how far consumers are, by their names. */
export function measureConsumers(
  metrics: Metrics,
  definitions: Pick<ServiceMetrics, 'consumed' | 'eventLag' | 'eventsPending'>,
  consumers: () => ReadonlyMap<string, ConsumerStats>,
): void {
  const all = (valueFrom: (stats: ConsumerStats) => number) => () =>
    [...consumers()].map(([name, stats]) => [[name], valueFrom(stats)] as const);
  metrics.read(definitions.consumed, () =>
    [...consumers()].flatMap(([name, { stored, retried, deadLettered }]) => [
      [[name, 'stored'], stored] as const,
      [[name, 'retried'], retried] as const,
      [[name, 'dead_lettered'], deadLettered] as const,
    ]),
  );
  metrics.read(
    definitions.eventLag,
    all((stats) => stats.lagMs() / 1000),
  );
  metrics.read(
    definitions.eventsPending,
    all(({ pending }) => pending),
  );
}
