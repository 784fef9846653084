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
import { measureRevocation } from './revocation.ts';
import type { Setting } from './setting.ts';
import type { Gateway } from './stack.ts';
import { type Compared, compareTransfers, download, MIB, type Transfer, upload } from './transfers.ts';
import { measureWarmLookup } from './warm-lookup.ts';

export interface Extent {
  rounds: number;
  seconds: number;
  /** Of a large body. */
  largeBytes: number;
  /** Keys that are each used for the first time, and revoked. */
  keys: number;
}

type Section = (setting: Setting, extent: Extent, results: Results) => Promise<void>;

const CONNECTIONS = 32;
const RUN = '/api/2.0/mlflow/runs/get?run_id=0123456789abcdef0123456789abcdef';
const LARGE = '/api/2.0/mlflow-artifacts/artifacts/1/large';

/** An upstream that takes in whatever is put there. */
const SINK = join(import.meta.dirname, 'sink.ts');
/** Two sockets, joined. */
const PIPE = join(import.meta.dirname, 'pipe.ts');

const local = (port: number, path: string) => `http://127.0.0.1:${port}${path}`;

const throughput: Section = async ({ folder, stack, key, ports, undici, gateways }, extent, results) => {
  const script = join(folder, 'many-keys.lua');
  writeFileSync(script, manyKeysScript(stack.keys));
  const gateway = ({ port, process }: Gateway) => ({
    url: local(port, `/mlflow${RUN}`),
    key,
    pid: process.pid,
  });
  const rates = await measureRates(
    {
      a: { url: local(ports.upstream, RUN), key },
      b: { url: local(undici.port, RUN), key, pid: undici.pid },
      c: gateway(gateways.whole),
      'c with many keys': { url: local(gateways.whole.port, `/mlflow${RUN}`), script },
      'c without access log': gateway(gateways.withoutAccessLog),
      'c without usage events': gateway(gateways.withoutUsage),
      d: { url: local(ports.proxyMiddleware, RUN), key },
      e: { url: local(ports.authRequest, RUN), key },
    },
    { ...extent, connections: CONNECTIONS },
  );
  const names = {
    a: 'a: upstream, direct',
    b: 'b: undici alone, no features',
    c: 'c: this gateway, everything on, one key',
    'c with many keys': `c: the same, ${stack.keys.length} keys in turn`,
    'c without access log': 'c: the same, without access log',
    'c without usage events': 'c: the same, without usage events',
    d: 'd: Express with http-proxy-middleware, no features',
    e: 'e: nginx auth_request, key in memory, limit in Redis',
  } as const;
  for (const [name, words] of Object.entries(names) as [keyof typeof names, string][]) {
    const each = rates.of(name).toSorted((one, other) => one - other);
    results.row(words, each[Math.floor(each.length / 2)] ?? Number.NaN, 'requests/s');
  }
  results.target(atLeast('c in times of b', 0.6, rates.ratio('c', 'b')));
  results.target(atLeast('c in times of d', 1.5, rates.ratio('c', 'd')));
  results.target(atLeast('c in times of e', 1, rates.ratio('c', 'e')));
  results.row('c with many keys in times of c', rates.ratio('c with many keys', 'c'), 'x');
  for (const name of ['b', 'c'] as const)
    results.row(`${name}: processor time for each request`, rates.cost(name), 'µs');
  const share = (name: keyof typeof names) => (1 - rates.costRatio(name, 'c')) * 100;
  results.target(
    atMost('the access log takes of the processor time of c, in %', 5, share('c without access log')),
  );
  results.target(
    atMost('usage events take of the processor time of c, in %', 5, share('c without usage events')),
  );
};

/** Each request with the next key. */
function manyKeysScript(keys: readonly string[]): string {
  return `local keys = { ${keys.map((key) => `"${key}"`).join(', ')} }
local next = 0
request = function()
  next = next % #keys + 1
  return wrk.format("GET", nil, { ["Authorization"] = "Bearer " .. keys[next] })
end`;
}

const latency: Section = async ({ key, ports, gateways }, extent, results) => {
  const { direct, gateway, added } = await measureLatencies(
    {
      direct: { port: ports.upstream, path: RUN, key },
      gateway: { port: gateways.whole.port, path: `/mlflow${RUN}`, key },
    },
    extent,
  );
  results.quantiles('1,000 requests/s, direct', direct, 'ms');
  results.quantiles('1,000 requests/s, this gateway', gateway, 'ms');
  results.target(atMost('the gateway adds at p50, in ms', 1, added.p50));
  results.target(atMost('the gateway adds at p99, in ms', 5, added.p99));
};

const flood: Section = async ({ key, gateways }, extent, results) => {
  const { port } = gateways.whole;
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
const transfers: Section = async ({ folder, stack, key, ports, gateways }, extent, results) => {
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
    ['download', down, `${LARGE}/large`, ports.upstream],
  ] as const) {
    const direct = local(port, '');
    const gateway = port === sink ? await stack.startGateway(direct) : gateways.whole;
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

export const SECTIONS = { throughput, latency, flood, mlflow, transfers, keys } as const satisfies Record<
  string,
  Section
>;
export type SectionName = keyof typeof SECTIONS;
