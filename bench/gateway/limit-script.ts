/** What a call of the limits' script takes of Redis, which has a core for itself. */

import { sendTogether } from '@hokusai/service-kit';
import { createRedis } from '@hokusai/testing';
import { Redis } from 'ioredis';
import { decisionScript, recordNames } from '../../services/gateway/src/limits/script.ts';
import { moveToSubjectCore } from '../lib/cores.ts';
import { type RedisUsage, redisProcessId, redisUsageOf, usedBetween } from '../lib/redis-usage.ts';
import type { Results } from '../lib/results.ts';
import { medianOf } from '../lib/statistics.ts';

const KEYS = 100_000;
const CALLS = 100_000;
/** None is refused. */
const UNLIMITED = 2 ** 31 - 1;
const BURST_WIDTH_MS = 100;

/** Who is asked about, and how. */
interface Case {
  keys: number;
  /** Calls that leave in one piece; the next ones when those are answered. */
  together: number;
  hasOwnerLimit: boolean;
}

/** A key that is busy, and as many as there may be, each of which has new windows whenever its turn comes. */
const CASES: readonly Case[] = [
  { keys: 1, together: 1, hasOwnerLimit: false },
  { keys: 1, together: 16, hasOwnerLimit: false },
  { keys: KEYS, together: 1, hasOwnerLimit: false },
  { keys: KEYS, together: 16, hasOwnerLimit: false },
  { keys: KEYS, together: 16, hasOwnerLimit: true },
];

export async function measureLimitScript(rounds: number, results: Results): Promise<void> {
  await using server = await createRedis();
  const redis = new Redis(server.url);
  try {
    await moveToSubjectCore(await redisProcessId(redis));
    await redis.script('LOAD', decisionScript.text);
    await measureMemory(redis, results);
    for (const each of CASES) await measureCase(redis, each, rounds, results);
  } finally {
    redis.disconnect();
  }
}

/** By what all keys together allocate. An owner has one key here. */
async function measureMemory(redis: Redis, results: Results): Promise<void> {
  const withOwners = { keys: KEYS, together: 256, hasOwnerLimit: true };
  const fill = async (one: Case) => (await measure(redis, one)).memoryBytes / KEYS;
  const key = await fill({ ...withOwners, hasOwnerLimit: false });
  const owner = await fill(withOwners);
  results.row('memory for each key', key, 'bytes');
  results.row('memory for each owner with a limit, besides', owner, 'bytes');
}

async function measureCase(redis: Redis, one: Case, rounds: number, results: Results): Promise<void> {
  await measure(redis, one);
  const used: RedisUsage[] = [];
  while (used.length < rounds) used.push(await measure(redis, one));
  const keys = one.keys === 1 ? 'one key' : `${one.keys} keys in turn`;
  const owner = one.hasOwnerLimit ? ' and owners' : '';
  const words = `calls for ${keys}${owner}, ${one.together} together`;
  const costs = used.map(({ cpuSeconds }) => (cpuSeconds / CALLS) * 1e6);
  results.row(`${words}: processor time`, medianOf(costs), 'µs');
  results.row(`${words}: least`, Math.min(...costs), 'µs');
  results.row(`${words}: most`, Math.max(...costs), 'µs');
  const within = used.map(({ scriptSeconds }) => (scriptSeconds / CALLS) * 1e6);
  results.row(`${words}: in the script`, medianOf(within), 'µs');
}

async function measure(redis: Redis, { keys, together, hasOwnerLimit }: Case): Promise<RedisUsage> {
  const before = await redisUsageOf(redis);
  for (let from = 0; from < CALLS; from += together) {
    const answers: Promise<unknown>[] = [];
    sendTogether(redis, () => {
      for (let at = from; at < Math.min(from + together, CALLS); at += 1)
        answers.push(ask(redis, at % keys, hasOwnerLimit));
    });
    await Promise.all(answers);
  }
  return usedBetween(before, await redisUsageOf(redis));
}

function ask(redis: Redis, number: number, hasOwnerLimit: boolean): Promise<unknown> {
  const { key, user } = recordNames(idOf('aaaaaaaa', number), idOf('bbbbbbbb', number));
  const names = hasOwnerLimit ? [key, user] : [key];
  const owed = [0, 0];
  const args = [1, UNLIMITED, UNLIMITED, BURST_WIDTH_MS, hasOwnerLimit ? UNLIMITED : 0, ...owed];
  return redis.evalsha(decisionScript.sha, names.length, ...names, ...args);
}

/** As long as those of keys and users are. */
function idOf(kind: string, number: number): string {
  return `${kind}-0000-7000-8000-${String(number).padStart(12, '0')}`;
}
