/** What a Redis has used since its start, by its own account. */
import type { Redis } from 'ioredis';

export interface RedisUsage {
  /** Of its process, with those that rewrite its file of appended commands. */
  cpuSeconds: number;
  /** Calls of scripts. What a script does is not among them. */
  scriptCalls: number;
  /** Within those. */
  scriptSeconds: number;
  bytesIn: number;
  bytesOut: number;
  /** Allocated now, not the process's resident set. */
  memoryBytes: number;
}

export async function redisUsageOf(redis: Redis): Promise<RedisUsage> {
  const info = await redis.info('everything');
  const number = (name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1] ?? 0);
  const cpu = ['used_cpu_sys', 'used_cpu_user', 'used_cpu_sys_children', 'used_cpu_user_children'];
  const [, calls, microseconds] = /^cmdstat_evalsha:calls=(\d+),usec=(\d+)/m.exec(info) ?? [];
  return {
    cpuSeconds: cpu.reduce((sum, name) => sum + number(name), 0),
    scriptCalls: Number(calls ?? 0),
    scriptSeconds: Number(microseconds ?? 0) / 1e6,
    bytesIn: number('total_net_input_bytes'),
    bytesOut: number('total_net_output_bytes'),
    memoryBytes: number('used_memory'),
  };
}

/** What was used from the one moment to the other. */
export function usedBetween(before: RedisUsage, after: RedisUsage): RedisUsage {
  const names = Object.keys(before) as (keyof RedisUsage)[];
  return Object.fromEntries(names.map((name) => [name, after[name] - before[name]])) as unknown as RedisUsage;
}

/** @returns id of its process, on this machine */
export async function redisProcessId(redis: Redis): Promise<number> {
  return Number(/^process_id:(\d+)/m.exec(await redis.info('server'))?.[1]);
}
