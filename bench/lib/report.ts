/** The result of a measurement: `bench/results/<name>.json`. */
import { mkdir, writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';

export interface Row {
  name: string;
  value: number;
  /** `ms`, `requests/s`, … */
  unit: string;
}

export interface Target {
  name: string;
  /** Which side of the target the value is to be on; the target itself will do. */
  bound: 'at most' | 'at least';
  target: number;
  value: number;
  met: boolean;
}

export function atMost(name: string, target: number, value: number): Target {
  return { name, bound: 'at most', target, value: rounded(value), met: value <= target };
}

export function atLeast(name: string, target: number, value: number): Target {
  return { name, bound: 'at least', target, value: rounded(value), met: value >= target };
}

/** Writes the result, says which targets are missed, and sets the exit code to 1 if there are any. */
export async function writeReport(name: string, result: { rows: Row[]; targets: Target[] }): Promise<void> {
  const folder = join(import.meta.dirname, '../results');
  const file = join(folder, `${name}.json`);
  const rows = result.rows.map((row) => ({ ...row, value: rounded(row.value) }));
  await mkdir(folder, { recursive: true });
  await writeFile(
    file,
    `${JSON.stringify({ machine: machine(), rows, targets: result.targets }, null, 2)}\n`,
  );
  const missed = result.targets.filter(({ met }) => !met);
  console.log(`\n${result.targets.length - missed.length} of ${result.targets.length} targets met; ${file}`);
  for (const { name, bound, target, value } of missed)
    console.log(`missed: ${name}: ${value}, ${bound} ${target}`);
  if (missed.length > 0) process.exitCode = 1;
}

function machine() {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    // Not what this process may use: it may have left a core to others.
    cores: cpus().length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    platform: `${process.platform}-${process.arch}`,
    node: process.version,
    at: new Date().toISOString(),
  };
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}
