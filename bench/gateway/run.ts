/**
 * The gateway beside what people would use instead, in one run:
 *
 *     npm run bench -- gateway              thirty-five minutes; needs nginx, wrk, taskset, curl and two cores
 *     npm run bench -- gateway --quick      fifteen minutes, with more of chance in it
 *     npm run bench -- gateway --only=flood,transfers
 *
 * What is measured and how: docs/performance.md. The sections are in sections.ts.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeTestBackends } from '@hokusai/testing';
import { checkMachine, leaveSubjectCore } from '../lib/cores.ts';
import { endProcesses } from '../lib/processes.ts';
import { writeReport } from '../lib/report.ts';
import { Results } from '../lib/results.ts';
import { SECTIONS, type SectionName } from './sections.ts';
import { startSetting } from './setting.ts';

const FULL = { rounds: 9, seconds: 5, largeBytes: 2 ** 30, keys: 300 };
const QUICK = { rounds: 3, seconds: 2, largeBytes: 2 ** 28, keys: 100 };

const folder = mkdtempSync(join(tmpdir(), 'hokusai-bench-'));
const end = async () => {
  await endProcesses();
  await closeTestBackends();
  rmSync(folder, { recursive: true, force: true });
};

process.once('SIGINT', () => void end().finally(() => process.exit(130)));
process.once('SIGTERM', () => void end().finally(() => process.exit(143)));
try {
  await measure(wantedSections(process.argv));
} finally {
  await end();
}

async function measure(wanted: readonly SectionName[]): Promise<void> {
  await checkMachine();
  await leaveSubjectCore();
  const extent = process.argv.includes('--quick') ? QUICK : FULL;
  const setting = await startSetting(folder);
  const results = new Results();
  for (const name of wanted) {
    results.begin(name);
    await SECTIONS[name](setting, extent, results);
  }
  await writeReport('gateway', results);
}

function wantedSections(args: readonly string[]): SectionName[] {
  const only = args.find((arg) => arg.startsWith('--only='))?.slice('--only='.length);
  const names = Object.keys(SECTIONS) as SectionName[];
  const wanted = only === undefined ? names : names.filter((name) => only.split(',').includes(name));
  if (wanted.length > 0) return wanted;
  throw new Error(`There is no such section. The sections are ${names.join(', ')}.`);
}
