/** What Redis takes for requests: calls, processor time, bytes and memory. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { runWrk, type WrkSettings } from '../lib/processes.ts';
import { type RedisUsage, redisUsageOf, usedBetween } from '../lib/redis-usage.ts';
import type { Results } from '../lib/results.ts';
import { medianOf } from '../lib/statistics.ts';
import { measureLimitScript } from './limit-script.ts';
import { CONNECTIONS, type Extent, RUN, type Section } from './section.ts';
import { local } from './setting.ts';
import { manyKeysScript } from './throughput.ts';

const WARM_UP_SECONDS = 10;

/** The script by itself first, then as a gateway asks it, which has all that it is asked in one turn in one piece. */
export const redis: Section = async (setting, extent, results) => {
  await measureLimitScript(Math.min(extent.rounds, 5), results);
  const { folder, stack, key, gateway } = setting;
  const url = local(gateway.port, `/mlflow${RUN}`);
  const script = join(folder, 'keys-in-turn.lua');
  writeFileSync(script, manyKeysScript(stack.keys));
  const client = new Redis(stack.redisUrl);
  try {
    for (const [words, chosen] of [
      ['one key', { key }],
      [`${stack.keys.length} keys in turn`, { script }],
    ] as const)
      show(words, await measureRounds(client, { url, connections: CONNECTIONS, ...chosen }, extent), results);
  } finally {
    client.disconnect();
  }
};

interface Round {
  seconds: number;
  requests: number;
  used: RedisUsage;
}

async function measureRounds(
  client: Redis,
  load: Omit<WrkSettings, 'seconds'>,
  { rounds: count, seconds }: Extent,
): Promise<Round[]> {
  await runWrk({ ...load, seconds: WARM_UP_SECONDS });
  const rounds: Round[] = [];
  while (rounds.length < count) {
    const before = await redisUsageOf(client);
    const requests = (await runWrk({ ...load, seconds })) * seconds;
    rounds.push({ seconds, requests, used: usedBetween(before, await redisUsageOf(client)) });
  }
  return rounds;
}

function show(words: string, rounds: readonly Round[], results: Results): void {
  results.row(words, medianOf(rounds.map(({ requests, seconds }) => requests / seconds)), 'requests/s');
  const ofThousand = (what: string, each: (used: RedisUsage) => number, unit: string) => {
    const values = rounds.map(({ requests, used }) => (each(used) / requests) * 1000);
    results.row(`1,000 requests, ${words}: ${what}`, medianOf(values), unit);
  };
  ofThousand('calls of Redis', ({ scriptCalls }) => scriptCalls, 'calls');
  ofThousand('processor time of Redis', ({ cpuSeconds }) => cpuSeconds * 1000, 'ms');
  ofThousand('bytes to Redis', ({ bytesIn }) => bytesIn / 1024, 'KiB');
  ofThousand('bytes from Redis', ({ bytesOut }) => bytesOut / 1024, 'KiB');
}
