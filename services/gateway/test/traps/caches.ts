/**
 * What caches of keys are tripped up by. Here is what many clients at once can do; what the order of things
 * can do (a slow reader that writes an old state back after a revocation, two gateways, one that missed the
 * invalidation, a clock that jumps) needs a clock and an order that can be chosen, and stands in
 * `src/cache/trust-model.test.ts`, `src/cache/key-lookup.test.ts` and `src/domain/trust.test.ts`.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mintKey } from '@hokusai/key-format';
import { eventually } from '@hokusai/testing';
import { rawConnection } from '../support/raw-client.ts';
import { type Ground, READ } from './support/ground.ts';
import { growthDuring } from './support/process-memory.ts';

const MIB = 1024 * 1024;
/** What a flood may cost the gateway, whose caches are bounded. */
const MEMORY_BOUND = 96 * MIB;
const CONNECTIONS = 20;
const FLOOD = 5000;

export function caches(ground: Ground): void {
  describe('of caches', () => {
    herd(ground);
    flood(ground);
  });
}

/** Requests with these keys, pipelined on some connections; how often each status came. */
async function askWithAll(ground: Ground, keys: readonly string[]): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  const perConnection = Math.ceil(keys.length / CONNECTIONS);
  const all = Array.from({ length: CONNECTIONS }, async (_, index) => {
    const part = keys.slice(index * perConnection, (index + 1) * perConnection);
    const connection = await rawConnection(ground.port);
    const requests = part.map((key) => `GET ${READ} HTTP/1.1\r\nHost: x\r\nX-API-Key: ${key}\r\n\r\n`);
    connection.send(`${requests.join('')}GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const text = await connection.closed();
    for (const [, status = ''] of text.matchAll(/HTTP\/1\.1 (\d+) /g))
      statuses[status] = (statuses[status] ?? 0) + 1;
  });
  await Promise.all(all);
  // Those were to end the connections.
  statuses['200'] = (statuses['200'] ?? 0) - CONNECTIONS;
  return statuses;
}

function herd(ground: Ground): void {
  for (const [name, key, status] of [
    ['a thousand requests with one cold key are one validation', () => ground.add(), '200'],
    ['a thousand requests with one unknown key are one validation', () => ground.stranger(), '401'],
  ] as const) {
    ground.trap(name, async () => {
      const before = ground.keys.calls.validate;
      const cold = key();
      const letAnswer = ground.keys.hold();
      const answered = askWithAll(ground, Array(1000).fill(cold));
      await eventually(() => assert.equal(ground.keys.calls.validate, before + 1));
      // By now the others have come too, or will find the answer there.
      assert.equal((await ground.ask('GET /mlflow/health', ['X-API-Key: none'])).status, 200);
      letAnswer();
      assert.equal((await answered)[status], 1000);
      assert.equal(ground.keys.calls.validate, before + 1);
    });
  }
}

function flood(ground: Ground): void {
  const invented = (count: number) =>
    Array.from({ length: count }, () => mintKey('live', [], randomBytes).key);
  // Where too many are asked for at once they are shed.
  const floods: [name: string, keys: () => string[], refusal: RegExp][] = [
    ['5 000 invented keys', () => invented(FLOOD), /^(401|503)$/],
    [
      '5 000 unknown keys with genuine tags',
      () => [...Array.from({ length: FLOOD - 1 }, () => ground.mint()), ground.stranger()],
      /^(401|503)$/,
    ],
    ['5 000 texts that are no keys', () => invented(FLOOD).map((key) => key.slice(1)), /^401$/],
  ];
  for (const [name, keys, refusal] of floods) {
    ground.trap(`${name} cost a bounded memory and harm no valid traffic`, async function () {
      this.timeout(60_000);
      let isOver = false;
      const valid = async () => {
        for (; !isOver; ) assert.equal((await ground.ask(`GET ${READ}`)).status, 200);
      };
      const growth = await growthDuring(ground.pid, async () => {
        const serving = valid();
        const statuses = await askWithAll(ground, keys());
        isOver = true;
        await serving;
        const { '200': served = 0, ...refused } = statuses;
        assert.equal(served, 0);
        for (const status of Object.keys(refused)) assert.match(status, refusal);
      });
      assert.ok(growth < MEMORY_BOUND, `grew by ${Math.round(growth / MIB)} MiB`);
    });
  }
}
