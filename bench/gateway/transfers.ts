/** Large bodies, both ways, and what they cost the gateway in memory. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { growthDuring } from '@hokusai/testing';
import { medianOf } from '../lib/statistics.ts';

/** A way for bodies to go. */
export interface Way {
  /** Where a large file is got from. */
  downloadUrl: string;
  /** Where one is put. */
  uploadUrl: string;
  key: string;
}

export interface Transfer {
  /** MiB per second. */
  direct: number;
  gateway: number;
  /** Median over the rounds. */
  ratio: number;
  /** The most that the gateway held beyond what it held before, in MiB. */
  growth: number;
}

const MIB = 1024 * 1024;

/** @param file what is put; as large as what is got */
export async function measureTransfers(
  ways: { direct: Way; gateway: Way & { downloadPid: number; uploadPid: number } },
  { file, bytes, rounds }: { file: string; bytes: number; rounds: number },
): Promise<{ download: Transfer; upload: Transfer }> {
  const download = (way: Way) => curl(way.key, bytes, ['--output', '/dev/null', way.downloadUrl]);
  const upload = (way: Way) =>
    curl(way.key, bytes, ['--output', '/dev/null', '--upload-file', file, way.uploadUrl]);
  const { direct, gateway } = ways;
  return {
    download: await compare(download, { direct, gateway, pid: gateway.downloadPid, rounds }),
    upload: await compare(upload, { direct, gateway, pid: gateway.uploadPid, rounds }),
  };
}

async function compare(
  transfer: (way: Way) => Promise<number>,
  { direct, gateway, pid, rounds }: { direct: Way; gateway: Way; pid: number; rounds: number },
): Promise<Transfer> {
  await transfer(direct);
  const rates = { direct: [] as number[], gateway: [] as number[] };
  const growth = await growthDuring(pid, async () => {
    for (let round = 0; round < rounds; round++) {
      rates.direct.push(await transfer(direct));
      rates.gateway.push(await transfer(gateway));
    }
  });
  const ratios = rates.gateway.map((rate, round) => rate / (rates.direct[round] ?? Number.NaN));
  return {
    direct: medianOf(rates.direct),
    gateway: medianOf(rates.gateway),
    ratio: medianOf(ratios),
    growth: growth / MIB,
  };
}

/** MiB per second. Throws for any answer but a success. */
async function curl(key: string, bytes: number, args: readonly string[]): Promise<number> {
  const { stdout } = await promisify(execFile)('curl', [
    ...['--silent', '--show-error', '--fail', '--header', `Authorization: Bearer ${key}`],
    ...['--write-out', '%{time_total}', ...args],
  ]);
  return bytes / MIB / Number(stdout);
}
