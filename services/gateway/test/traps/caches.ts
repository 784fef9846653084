/**
 * What caches of keys are tripped up by. Here is what many clients at once can do; what the order of things
 * can do (a slow reader that writes an old state back after a revocation, two gateways, one that missed the
 * invalidation, a clock that jumps) needs a clock and an order that can be chosen, and stands in
 * `src/cache/trust-model.test.ts`, `src/cache/key-lookup.test.ts` and `src/domain/trust.test.ts`.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mintKey } from '@hokusai/key-format';
import { eventually, growthDuring } from '@hokusai/testing';
import { rawConnection } from '../support/raw-client.ts';
import { type GatewayProcess, type Ground, READ } from './support/ground.ts';

const MIB = 1024 * 1024;
/** What one more flood may cost the gateway, whose caches are bounded. */
const MEMORY_BOUND = 64 * MIB;
const CONNECTIONS = 20;
const FLOOD = 2000;

const oneAddress = () => '203.0.113.1';
const manyAddresses = (index: number) => `2001:db8:${index.toString(16)}::1`;

export function caches(ground: Ground): void {
  describe('of caches', () => {
    let crowded: GatewayProcess;

    before(async () => {
      // Behind a proxy, so that a crowd can come from many addresses.
      crowded = await ground.startGateway({ TRUSTED_PROXIES: 'loopback', ALLOW_INSECURE_HTTP: 'any' });
    });

    herd(ground, () => crowded);
    flood(ground, () => crowded);
  });
}

/** Requests with these keys, pipelined on some connections; how often each status came. */
async function askWithAll(
  port: number,
  keys: readonly string[],
  address: (index: number) => string,
): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  const requests = keys.map(
    (key, index) =>
      `GET ${READ} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${address(index)}\r\nX-API-Key: ${key}\r\n\r\n`,
  );
  const perConnection = Math.ceil(keys.length / CONNECTIONS);
  const all = Array.from({ length: CONNECTIONS }, async (_, index) => {
    const connection = await rawConnection(port);
    const part = requests.slice(index * perConnection, (index + 1) * perConnection);
    connection.send(`${part.join('')}GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const text = await connection.closed();
    for (const [, status = ''] of text.matchAll(/HTTP\/1\.1 (\d+) /g))
      statuses[status] = (statuses[status] ?? 0) + 1;
  });
  await Promise.all(all);
  // Those were to end the connections.
  statuses['200'] = (statuses['200'] ?? 0) - CONNECTIONS;
  return statuses;
}

function herd(ground: Ground, crowded: () => GatewayProcess): void {
  for (const [name, key, address, status] of [
    ['a thousand requests with one cold key are one validation', () => ground.add(), oneAddress, '200'],
    [
      'a thousand requests with one unknown key are one validation',
      () => ground.stranger(),
      manyAddresses,
      '401',
    ],
  ] as const) {
    ground.trap(name, async () => {
      const { port } = crowded();
      const before = ground.keys.calls.validate;
      const letAnswer = ground.keys.hold();
      const answered = askWithAll(port, Array(1000).fill(key()), address);
      await eventually(() => assert.equal(ground.keys.calls.validate, before + 1));
      // By now the others have come too, or will find the answer there.
      const request = ground.request('GET /mlflow/health', ['X-API-Key: none']);
      assert.match(await ground.send(request, port), /^HTTP\/1\.1 200 /);
      letAnswer();
      assert.equal((await answered)[status], 1000);
      assert.equal(ground.keys.calls.validate, before + 1);
    });
  }
}

function flood(ground: Ground, crowded: () => GatewayProcess): void {
  const texts =
    (make: () => string, length = FLOOD) =>
    () =>
      Array.from({ length }, make);
  const invented = () => mintKey('live', [], randomBytes).key;
  const floods: [name: string, keys: () => string[], address: (index: number) => string][] = [
    ['2 000 invented keys from one address', texts(invented), oneAddress],
    ['2 000 invented keys from as many addresses', texts(invented), manyAddresses],
    ['1 000 unknown keys with genuine tags', texts(() => ground.mint(), 1000), manyAddresses],
    ['2 000 texts that are no keys', texts(() => invented().slice(1)), manyAddresses],
  ];
  for (const [name, keys, address] of floods) {
    ground.trap(`${name} cost a bounded memory and harm no valid traffic`, async function () {
      this.timeout(60_000);
      const { port, service } = crowded();
      const request = ground.request(`GET ${READ}`);
      let isOver = false;
      const serving = (async () => {
        for (; !isOver; ) assert.match(await ground.send(request, port), /^HTTP\/1\.1 200 /);
      })();
      const overrun = async () => {
        const { '200': served = 0, ...refused } = await askWithAll(port, keys(), address);
        // Less than none where a connection was cut off, before the request that would have ended it.
        assert.ok(served <= 0, `${served} were served`);
        // Unknown; too many failures of one address; too many unknown ones at once.
        for (const status of Object.keys(refused)) assert.match(status, /^(401|429|503)$/);
      };
      // What so many requests at a time need is taken once; only what the next ones add to it piles up.
      await overrun();
      const growth = await growthDuring(service.pid, overrun);
      isOver = true;
      await serving;
      assert.ok(growth < MEMORY_BOUND, `grew by ${Math.round(growth / MIB)} MiB`);
    });
  }
}
