/** What the gateway's telling of each request takes: access log, usage events, metrics, traces. */
import { join } from 'node:path';
import { startListener } from '../lib/processes.ts';
import { atMost } from '../lib/report.ts';
import { medianOf } from '../lib/statistics.ts';
import { costOf, warmUp } from '../lib/throughput.ts';
import { CONNECTIONS, type Extent, RUN, type Section } from './section.ts';
import { local } from './setting.ts';
import type { Gateway } from './stack.ts';

/** A collector that takes every span, on the other core. */
const COLLECTOR = join(import.meta.dirname, 'sink.ts');
const SWITCHED = new URL('switched.ts', import.meta.url).href;
/** Of each thing. */
const PROCESSES = 2;

export const telemetry: Section = async ({ stack, key, upstreamPort }, extent, results) => {
  const { port: collector } = await startListener([process.execPath, COLLECTOR]);
  const traces = (ratio: string) => ({
    ...{ SWITCHED: 'traces', OTEL_TRACES_SAMPLER_ARG: ratio },
    OTEL_EXPORTER_OTLP_ENDPOINT: local(collector),
  });
  const things: Record<string, Record<string, string>> = {
    'the access log': { SWITCHED: 'access log' },
    'usage events': { SWITCHED: 'usage events' },
    'metrics of requests': { SWITCHED: 'metrics' },
    'traces, 1 % of them kept,': traces('0.01'),
    'traces, all of them kept,': traces('1'),
  };
  for (const [words, settings] of Object.entries(things)) {
    const shares: number[] = [];
    for (let number = 0; number < PROCESSES; number++) {
      const preload = { NODE_OPTIONS: `--import ${SWITCHED}` };
      const gateway = await stack.startGateway(local(upstreamPort), { ...preload, ...settings });
      shares.push(...(await sharesOf(gateway, key, extent)));
      await gateway.process.stop();
    }
    const what = `${words} take of the processor time of c, in %`;
    if (words.includes('all')) results.row(what, medianOf(shares), '%');
    else results.target(atMost(what, 5, medianOf(shares)));
  }
};

/** In percent, by rounds: what is turned off in half of each, the first one in every other. */
async function sharesOf({ port, process }: Gateway, key: string, extent: Extent): Promise<number[]> {
  const variant = { url: local(port, `/mlflow${RUN}`), key, pid: process.pid };
  const measure = () => costOf(variant, { ...extent, connections: CONNECTIONS });
  const turn = () => global.process.kill(variant.pid, 'SIGUSR2');
  await warmUp(variant, { ...extent, connections: CONNECTIONS });
  const shares: number[] = [];
  // It goes on from each round to the next as it is: on, off, off, on, on.
  for (let round = 0; round < extent.rounds; round++) {
    const first = await measure();
    turn();
    const second = await measure();
    const [whole, without] = round % 2 === 0 ? [first, second] : [second, first];
    shares.push((1 - without / whole) * 100);
  }
  return shares;
}
