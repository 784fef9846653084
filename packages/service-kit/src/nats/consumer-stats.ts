/** How far a consumer is, for those who watch it. */
import type { JsMsg } from '@nats-io/jetstream';
import type { Metrics } from '../telemetry/metrics.ts';
import type { ServiceMetrics } from '../telemetry/service-metrics.ts';

/** A batch that is being stored. */
interface UnderWay {
  oldestMs: number;
}

/** A batch that was given back to the broker. */
interface GivenBack extends UnderWay {
  /** From then on it is in the hands of whoever the broker gave it to, and in that one's figures. */
  untilMs: number;
}

/** The broker may take so long, beyond the delay that it was asked for, to hand a message out again. */
const REDELIVERY_LIMIT_MS = 5000;

export class ConsumerStats {
  stored = 0;
  retried = 0;
  deadLettered = 0;
  /** Not delivered yet, as of the last delivery. */
  pending = 0;
  readonly #now: () => number;
  readonly #underWay = new Set<UnderWay>();
  #givenBack: readonly GivenBack[] = [];

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
  }

  /**
   * A batch could not be stored, and the broker holds it back for `delayMs`. Nobody tells what becomes of it then: another
   * replica may store it. It counts here for no longer than it takes to be handed out again.
   */
  failed(batch: readonly JsMsg[], delayMs: number): void {
    this.retried += batch.length;
    const oldestMs = batch[0]?.time.getTime();
    if (oldestMs === undefined) return;
    const untilMs = this.#now() + delayMs + REDELIVERY_LIMIT_MS;
    this.#givenBack = [...this.#waiting(), { oldestMs, untilMs }];
  }

  /** Age of the oldest message that is in hand, or waits to be tried again; 0 if there is none. */
  lagMs(): number {
    const times = [...this.#underWay, ...this.#waiting()].map(({ oldestMs }) => oldestMs);
    return times.length === 0 ? 0 : Math.max(0, this.#now() - Math.min(...times));
  }

  #waiting(): GivenBack[] {
    const now = this.#now();
    return this.#givenBack.filter(({ untilMs }) => untilMs > now);
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
