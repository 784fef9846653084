/** How many requests a second the gateway serves on one core, beside what one would use instead. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '@hokusai/testing';
import { authRequestConfig } from '../lib/nginx.ts';
import { type Listener, startListener, startNginx } from '../lib/processes.ts';
import { atLeast } from '../lib/report.ts';
import { medianOf } from '../lib/statistics.ts';
import { measureRates, type Variant } from '../lib/throughput.ts';
import { CONNECTIONS, RUN, type Section } from './section.ts';
import { local, type Setting } from './setting.ts';
import type { Gateway } from './stack.ts';

/** Of each variant that is judged. */
const PROCESSES = 3;
const SUBJECTS = join(import.meta.dirname, 'subjects.ts');

export const throughput: Section = async (setting, extent, results) => {
  const { stack } = setting;
  const rates = await measureRates(await startVariants(setting), { ...extent, connections: CONNECTIONS });
  const names = {
    a: 'a: upstream, direct',
    b: 'b: undici alone, no features',
    c: 'c: this gateway, everything on, one key',
    'c with many keys': `c: the same, ${stack.keys.length} keys in turn`,
    d: 'd: Express with http-proxy-middleware, no features',
    e: 'e: nginx auth_request, key in memory, limit in Redis',
  } as const;
  for (const [name, words] of Object.entries(names) as [keyof typeof names, string][])
    results.row(words, medianOf(rates.of(name)), 'requests/s');
  results.target(atLeast('c in times of b', 0.6, rates.ratio('c', 'b')));
  results.target(atLeast('c in times of d', 1.5, rates.ratio('c', 'd')));
  results.target(atLeast('c in times of e', 1, rates.ratio('c', 'e')));
  results.row('c with many keys in times of c', rates.ratio('c with many keys', 'c'), 'x');
  for (const name of ['b', 'c', 'd'] as const)
    results.row(`${name}: processor time for each request`, rates.cost(name), 'µs');
};

async function startVariants({ folder, stack, key, upstreamPort }: Setting) {
  const script = join(folder, 'many-keys.lua');
  writeFileSync(script, manyKeysScript(stack.keys));
  const upstreamUrl = local(upstreamPort);
  const gateways = (settings: Record<string, string> = {}) =>
    several(async () => gatewayVariant(await stack.startGateway(upstreamUrl, settings), key));
  const subjects = (name: string) =>
    several(async () => {
      const { port, pid } = await startSubject(name, upstreamPort);
      return { url: local(port, RUN), key, pid };
    });
  const whole = await gateways();
  return {
    a: { url: local(upstreamPort, RUN), key },
    b: await subjects('undici'),
    c: whole,
    'c with many keys': whole.map(({ url }) => ({ url, script })),
    d: await subjects('express-http-proxy-middleware'),
    e: { url: local(await startAuthRequest(folder, upstreamPort, key, stack.redisUrl), RUN), key },
  };
}

/** One after the other: they share a core. */
async function several(start: () => Promise<Variant>): Promise<Variant[]> {
  const variants: Variant[] = [];
  while (variants.length < PROCESSES) variants.push(await start());
  return variants;
}

function gatewayVariant({ port, process }: Gateway, key: string): Variant {
  return { url: local(port, `/mlflow${RUN}`), key, pid: process.pid };
}

/** One of subjects.ts. */
function startSubject(name: string, upstream: number, env: Record<string, string> = {}): Promise<Listener> {
  return startListener([process.execPath, SUBJECTS, name, String(upstream)], { isSubject: true, env });
}

async function startAuthRequest(
  folder: string,
  upstream: number,
  key: string,
  redisUrl: string,
): Promise<number> {
  const service = await startSubject('auth-service', upstream, { SUBJECT_KEY: key, REDIS_URL: redisUrl });
  const port = await freePort();
  const config = authRequestConfig(folder, port, upstream, service.port);
  await startNginx(config, port, { isSubject: true });
  return port;
}

/** Each request with the next key. */
export function manyKeysScript(keys: readonly string[]): string {
  return `local keys = { ${keys.map((key) => `"${key}"`).join(', ')} }
local next = 0
request = function()
  next = next % #keys + 1
  return wrk.format("GET", nil, { ["Authorization"] = "Bearer " .. keys[next] })
end`;
}
