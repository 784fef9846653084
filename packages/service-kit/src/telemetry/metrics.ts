/** The metrics of one process, in Prometheus' form. */
import { collectDefaultMetrics, Registry } from 'prom-client';
import type { MetricDefinition } from './definitions.ts';
import { Counter, Histogram, type SampleValue } from './series.ts';

/** All that a metric has at a moment: JSON, so that a process can tell another. */
export interface MetricSnapshot {
  name: string;
  help: string;
  type: string;
  aggregator: string;
  values: SampleValue[];
}

/** Values of the labels, in the order of the definition. */
type LabelValues<Label extends string> = [Label] extends [never] ? [] : readonly string[];

export interface Family<Label extends string, Series> {
  /**
   * The series with these values of the labels, which is to be kept by whoever adds to it often. Where there are too
   * many series, one that stands for all further ones, with `other` in each label.
   */
  of(...values: LabelValues<Label>): Series;
}

/** What is read from elsewhere when somebody asks: one value, or one for each list of values of the labels. */
export type Reading = () => Readings | Promise<Readings>;
type Readings = number | null | readonly (readonly [labels: readonly string[], value: number])[];

/** Of one metric: whatever is asked for, the memory has to bear it, and Prometheus too. */
const MAX_SERIES = 2000;

export class Metrics {
  readonly #registry = new Registry();

  counter<Label extends string>(definition: MetricDefinition<Label>): Family<Label, Counter> {
    return this.#family(definition, () => new Counter());
  }

  histogram<Label extends string>(definition: MetricDefinition<Label>): Family<Label, Histogram> {
    return this.#family(definition, () => new Histogram(definition.name, definition.buckets ?? []));
  }

  /** A counter or gauge that somebody else keeps; null or a failure leaves it out for now. */
  read(definition: MetricDefinition, reading: Reading): void {
    this.#register(definition, async () => {
      const readings = await readQuietly(reading);
      if (readings === null) return [];
      const all = typeof readings === 'number' ? ([[[], readings]] as const) : readings;
      return all.map(([values, value]) => ({ labels: labelsOf(definition, values), value }));
    });
  }

  /** CPU, memory, event loop, garbage collection and file descriptors, by the names that they have everywhere. */
  measureProcess(): void {
    collectDefaultMetrics({ register: this.#registry });
  }

  /** As of now, for another process. */
  async snapshot(): Promise<MetricSnapshot[]> {
    return (await this.#registry.getMetricsAsJSON()) as unknown as MetricSnapshot[];
  }

  /** Prometheus' text format, 0.0.4. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #family<Label extends string, Series extends Pick<Counter, 'samples'>>(
    definition: MetricDefinition<Label>,
    create: () => Series,
  ): Family<Label, Series> {
    const known = new Map<string, { labels: SampleValue['labels']; series: Series }>();
    this.#register(definition, () =>
      [...known.values()].flatMap(({ labels, series }) => series.samples(labels)),
    );
    const find = (values: readonly string[]): Series => {
      const id = values.join('\0');
      const found = known.get(id);
      if (found) return found.series;
      const isFull = known.size >= MAX_SERIES - 1 && values.some((value) => value !== 'other');
      if (isFull) return find(values.map(() => 'other'));
      const series = create();
      known.set(id, { labels: labelsOf(definition, values), series });
      return series;
    };
    // Without labels there is one, and it is 0 before anything happens.
    if (definition.labels.length === 0) find([]);
    return { of: (...values: readonly string[]) => find(values) };
  }

  #register(definition: MetricDefinition, values: () => SampleValue[] | Promise<SampleValue[]>): void {
    const { name, help, kind: type, together: aggregator } = definition;
    const metric = {
      name,
      help,
      type,
      aggregator,
      get: async () => ({ name, help, type, aggregator, values: await values() }),
    };
    if (this.#registry.getSingleMetric(name)) throw new Error(`the metric ${name} is registered twice`);
    // The registry asks no more of a metric than this.
    this.#registry.registerMetric(metric as never);
  }
}

function labelsOf({ labels, name }: MetricDefinition, values: readonly string[]): SampleValue['labels'] {
  if (values.length !== labels.length) throw new Error(`${name} has the labels ${labels.join(', ')}`);
  return Object.fromEntries(labels.map((label, at) => [label, values[at] as string]));
}

async function readQuietly(reading: Reading): Promise<Readings> {
  try {
    return await reading();
  } catch {
    // What can't be read now, as from a database that is away, must not hide all else.
    return null;
  }
}
