/** What is measured, with its targets. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createMlflow } from '@hokusai/testing';
import { makeSparseFile } from '../lib/nginx.ts';
import { startListener } from '../lib/processes.ts';
import { atLeast, atMost } from '../lib/report.ts';
import type { Results } from '../lib/results.ts';
import { measureRates } from '../lib/throughput.ts';
import { measureColdValidation } from './cold-validation.ts';
import { measureFlood } from './flood.ts';
import { measureLatencies } from './latency.ts';
import { BASIC_AUTH_USER, READ_EXPERIMENT, startMlflowServers } from './mlflow.ts';
import { redis } from './redis.ts';
import { measureRevocation } from './revocation.ts';
import { CONNECTIONS, RUN, type Section } from './section.ts';
import { local } from './setting.ts';
import type { Gateway } from './stack.ts';
import { telemetry } from './telemetry.ts';
import { throughput } from './throughput.ts';
import { type Compared, compareTransfers, download, MIB, type Transfer, upload } from './transfers.ts';
import { measureWarmLookup } from './warm-lookup.ts';

const LARGE = '/api/2.0/mlflow-artifacts/artifacts/1/large';

/** An upstream that takes in whatever is put there. */
const SINK = join(import.meta.dirname, 'sink.ts');
/** Two sockets, joined. */
const PIPE = join(import.meta.dirname, 'pipe.ts');

const latency: Section = async ({ key, upstreamPort, gateway: { port } }, extent, results) => {
  const { direct, gateway, added } = await measureLatencies(
    {
      direct: { port: upstreamPort, path: RUN, key },
      gateway: { port, path: `/mlflow${RUN}`, key },
    },
    extent,
  );
  results.quantiles('1,000 requests/s, direct', direct, 'ms');
  results.quantiles('1,000 requests/s, this gateway', gateway, 'ms');
  results.target(atMost('the gateway adds at p50, in ms', 1, added.p50));
  results.target(atMost('the gateway adds at p99, in ms', 5, added.p99));
};

const flood: Section = async ({ key, gateway: { port } }, extent, results) => {
  const path = `/mlflow${RUN}`;
  const one = { whole: { url: local(port, path), key } };
  const rates = await measureRates(one, { rounds: 1, seconds: extent.seconds, connections: CONNECTIONS });
  const capacity = rates.of('whole')[0] ?? Number.NaN;
  const found = await measureFlood({ port, path, key }, { ...extent, floodRate: Math.round(10 * capacity) });
  results.row('capacity', capacity, 'requests/s');
  results.row('forged keys, offered', found.offered, 'requests/s');
  for (const [status, rate] of Object.entries(found.answered))
    results.row(`forged keys, answered with ${status}`, rate, 'requests/s');
  results.quantiles('f: normal traffic alone', found.alone, 'ms');
  results.quantiles('f: normal traffic beside the flood', found.flooded, 'ms');
  results.target(
    atMost('p99 beside the flood in times of p99 alone', 2, found.flooded.p99 / found.alone.p99),
  );
};

const mlflow: Section = async ({ folder, stack, key }, extent, results) => {
  const servers = await startMlflowServers(folder);
  const { port } = await stack.startGateway(servers.bare.url);
  const authorization = Buffer.from(BASIC_AUTH_USER).toString('base64');
  const script = join(folder, 'basic-auth.lua');
  writeFileSync(script, `wrk.headers["Authorization"] = "Basic ${authorization}"`);
  const rates = await measureRates(
    {
      bare: { url: servers.bare.url + READ_EXPERIMENT },
      gateway: { url: local(port, `/mlflow${READ_EXPERIMENT}`), key },
      basicAuth: { url: servers.basicAuthUrl + READ_EXPERIMENT, script },
    },
    { ...extent, connections: 4 },
  );
  for (const [name, words] of [
    ['bare', 'g: MLflow, bare'],
    ['gateway', 'g: MLflow behind this gateway'],
    ['basicAuth', 'g: MLflow with its basic-auth'],
  ] as const)
    results.row(words, Math.max(...rates.of(name)), 'requests/s');
  results.target(
    atLeast('MLflow behind this gateway in times of bare', 0.95, rates.ratio('gateway', 'bare')),
  );
};

/** Judged with MLflow, which the gateway is for. A bare upstream shows how far it goes, beside how far Node does. */
const transfers: Section = async ({ folder, stack, key, upstreamPort, gateway: whole }, extent, results) => {
  const bytes = extent.largeBytes;
  const file = join(folder, 'large');
  makeSparseFile(file, bytes);
  const compare = async (
    transfer: Transfer,
    path: string,
    direct: string,
    gateway: Gateway,
    pipe?: number,
  ) => {
    const ways = {
      direct: direct + path,
      gateway: local(gateway.port, `/mlflow${path}`),
      ...(pipe === undefined ? {} : { pipe: local(pipe, path) }),
    };
    const rounds = Math.min(extent.rounds, 5);
    return await compareTransfers(transfer, { ways, pid: gateway.process.pid, bytes, rounds });
  };
  const [up, down] = [upload(key, file), download(key)];
  const { url } = await createMlflow();
  // Up first: it is what comes down then. A gateway for each: its memory has grown by the first.
  for (const [name, transfer] of Object.entries({ upload: up, download: down })) {
    const found = await compare(transfer, LARGE, url, await stack.startGateway(url));
    const what = `${name} of ${bytes / MIB} MiB, MLflow`;
    showTransfers(what, found, results);
    results.target(atLeast(`${what}: in times of direct`, 0.85, found.ratios.get('gateway') ?? Number.NaN));
  }
  const { port: sink } = await startListener([process.execPath, SINK]);
  for (const [name, transfer, path, port] of [
    ['upload', up, LARGE, sink],
    ['download', down, `${LARGE}/large`, upstreamPort],
  ] as const) {
    const direct = local(port, '');
    const gateway = port === sink ? await stack.startGateway(direct) : whole;
    const pipe = await startListener([process.execPath, PIPE, String(port)], { isSubject: true });
    const found = await compare(transfer, path, direct, gateway, pipe.port);
    const what = `${name} of ${bytes / MIB} MiB, bare upstream`;
    showTransfers(what, found, results);
    for (const way of ['gateway', 'pipe'] as const)
      results.row(`${what}, ${WAYS[way]}: in times of direct`, found.ratios.get(way) ?? Number.NaN, 'x');
  }
};

const WAYS = { direct: 'direct', gateway: 'this gateway', pipe: 'sockets joined' } as const;

function showTransfers(what: string, { rates, growth }: Compared, results: Results): void {
  for (const [way, rate] of rates) results.row(`${what}, ${WAYS[way]}`, rate, 'MiB/s');
  results.target(atMost(`${what}: the gateway's memory grows by MiB`, 64, growth));
}

/** With gateways and keys services of their own. */
const keys: Section = async (_, extent, results) => {
  results.add(await measureWarmLookup());
  results.add(await measureColdValidation(extent));
  results.add(await measureRevocation(extent));
};

export const SECTIONS = {
  throughput,
  telemetry,
  latency,
  flood,
  redis,
  mlflow,
  transfers,
  keys,
} as const satisfies Record<string, Section>;
export type SectionName = keyof typeof SECTIONS;
