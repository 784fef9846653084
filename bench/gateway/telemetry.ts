/** What traces and metrics take of the processor time of a request. */
import { join } from 'node:path';
import { startListener } from '../lib/processes.ts';
import { atMost } from '../lib/report.ts';
import { medianOf } from '../lib/statistics.ts';
import { measureRates, type Variant } from '../lib/throughput.ts';
import { CONNECTIONS, RUN, type Section } from './section.ts';
import { local } from './setting.ts';

/** Of each variant: two of the same differ, whatever it is that V8 has made of them. */
const PROCESSES = 3;
/** A collector that takes every span, on the other core. */
const COLLECTOR = join(import.meta.dirname, 'sink.ts');
const WITHOUT_METRICS = new URL('without-metrics.ts', import.meta.url).href;

export const telemetry: Section = async ({ stack, key, upstreamPort }, extent, results) => {
  const { port: collector } = await startListener([process.execPath, COLLECTOR]);
  const gateways = async (settings: Record<string, string> = {}) => {
    const variants: Variant[] = [];
    while (variants.length < PROCESSES) {
      const { port, process } = await stack.startGateway(local(upstreamPort), settings);
      variants.push({ url: local(port, `/mlflow${RUN}`), key, pid: process.pid });
    }
    return variants;
  };
  const sampled = (ratio: string) =>
    gateways({ OTEL_EXPORTER_OTLP_ENDPOINT: local(collector), OTEL_TRACES_SAMPLER_ARG: ratio });
  const variants = {
    none: await gateways(),
    some: await sampled('0.01'),
    all: await sampled('1'),
    'no metrics': await gateways({ NODE_OPTIONS: `--import ${WITHOUT_METRICS}` }),
  };
  const rates = await measureRates(variants, { ...extent, connections: CONNECTIONS });
  const names = {
    none: 'c without traces',
    some: 'c with traces, 1 % of them kept',
    all: 'c with traces, all of them kept',
    'no metrics': 'c without traces and metrics of requests',
  } as const;
  for (const [name, words] of Object.entries(names) as [keyof typeof names, string][]) {
    results.row(words, medianOf(rates.of(name)), 'requests/s');
    results.row(`${words}: processor time for each request`, rates.cost(name), 'µs');
  }
  const more = (name: 'some' | 'all') => (rates.costRatio(name, 'none') - 1) * 100;
  const metricsShare = (1 - rates.costRatio('no metrics', 'none')) * 100;
  results.target(atMost('traces, 1 % kept, add to the processor time of c, in %', 5, more('some')));
  results.row('traces, all kept, add to the processor time of c', more('all'), '%');
  results.target(atMost('metrics of requests take of the processor time of c, in %', 5, metricsShare));
};
