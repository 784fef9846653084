/**
 * The audit log under more than a deployment brings it:
 *
 *     npm run bench -- audit                  some five minutes
 *     npm run bench -- audit --quick          shorter, with fewer rows
 *     npm run bench -- audit --full           questions about ten million rows rather than one
 *     npm run bench -- audit --only=append,verify,queries
 *
 * What is measured and how: docs/performance.md. The sections are in sections.ts.
 */
import { closeTestBackends } from '@hokusai/testing';
import { endProcesses } from '../lib/processes.ts';
import { writeReport } from '../lib/report.ts';
import { Results } from '../lib/results.ts';
import { SECTIONS, type SectionName } from './sections.ts';

const end = async () => {
  await endProcesses();
  await closeTestBackends();
};

process.once('SIGINT', () => void end().finally(() => process.exit(130)));
process.once('SIGTERM', () => void end().finally(() => process.exit(143)));
try {
  await measure(wantedSections(process.argv));
} finally {
  await end();
}

async function measure(wanted: readonly SectionName[]): Promise<void> {
  const extent = { isQuick: process.argv.includes('--quick'), isFull: process.argv.includes('--full') };
  const results = new Results();
  for (const name of wanted) {
    results.begin(name);
    await SECTIONS[name](extent, results);
  }
  await writeReport('audit', results);
}

function wantedSections(args: readonly string[]): SectionName[] {
  const only = args.find((arg) => arg.startsWith('--only='))?.slice('--only='.length);
  const names = Object.keys(SECTIONS) as SectionName[];
  const wanted = only === undefined ? names : names.filter((name) => only.split(',').includes(name));
  if (wanted.length > 0) return wanted;
  throw new Error(`There is no such section. The sections are ${names.join(', ')}.`);
}
