/** Large bodies, both ways, and what they cost the gateway in memory. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { growthDuring } from '@hokusai/testing';
import { medianOf } from '../lib/statistics.ts';

/** Sends a body through a URL; resolves with how many seconds it took. Throws for any answer but a success. */
export type Transfer = (url: string) => Promise<number>;

/** URLs of the same thing, by who stands in front of it. */
export interface Ways {
  direct: string;
  gateway: string;
  /** Through a process that joins connections, and reads nothing of what passes. */
  pipe?: string;
}

export type Way = keyof Ways;

export interface Compared {
  /** MiB per second: the median over the rounds. */
  rates: ReadonlyMap<Way, number>;
  /** How many times the direct rate: the median of what the single rounds say. */
  ratios: ReadonlyMap<Way, number>;
  /** The most that the gateway held beyond what it held before, in MiB. */
  growth: number;
}

export const MIB = 1024 * 1024;

export interface Comparison {
  ways: Ways;
  /** Of the gateway, which has passed no large body yet. */
  pid: number;
  bytes: number;
  rounds: number;
}

/** Ways in turn, round by round, after one direct transfer that isn't measured. */
export async function compareTransfers(
  transfer: Transfer,
  { ways, pid, bytes, rounds }: Comparison,
): Promise<Compared> {
  const urls = Object.entries(ways) as [Way, string][];
  const each = new Map(urls.map(([name]): [Way, number[]] => [name, []]));
  await transfer(ways.direct);
  const growth = await growthDuring(pid, async () => {
    for (let round = 0; round < rounds; round++)
      for (const [name, url] of urls) each.get(name)?.push(bytes / MIB / (await transfer(url)));
  });
  const direct = each.get('direct') ?? [];
  const toDirect = (rates: number[]) => rates.map((rate, round) => rate / (direct[round] ?? Number.NaN));
  const ofEach = (value: (rates: number[]) => number) =>
    new Map([...each].map(([name, rates]) => [name, value(rates)]));
  return {
    rates: ofEach(medianOf),
    ratios: ofEach((rates) => medianOf(toDirect(rates))),
    growth: growth / MIB,
  };
}

export const download =
  (key: string): Transfer =>
  (url) =>
    curl(key, [url]);

export const upload =
  (key: string, file: string): Transfer =>
  (url) =>
    curl(key, ['--upload-file', file, url]);

async function curl(key: string, args: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)('curl', [
    ...['--silent', '--show-error', '--fail', '--output', '/dev/null', '--write-out', '%{time_total}'],
    ...['--header', `Authorization: Bearer ${key}`, ...args],
  ]);
  return Number(stdout);
}
