/**
 * Lists, filters and validation at a thousand, a hundred thousand and a million keys, through the gRPC
 * interface of real keys services, each on a database of its own:
 *
 *     npm run bench -- keys              some five minutes, and 2 GB of disk in the folder for temporary files
 *     npm run bench -- keys --quick      up to a hundred thousand keys
 *
 * Each call is made at every size in turn, so that whatever else the machine does falls on all sizes alike.
 * Targets: the 95th percentile at the largest size is at most twice that at the smallest; the first validation
 * of a key takes less than 50 ms in 99 of 100 cases.
 */
import { closeTestBackends } from '@hokusai/testing';
import { atMost, type Row, type Target, writeReport } from '../lib/report.ts';
import { type Quantiles, quantilesOf, timed } from '../lib/statistics.ts';
import { LIST_CASES } from './lists.ts';
import { openSubject, type Subject } from './subject.ts';
import { growthOf, head, line } from './table.ts';

const GROWTH_LIMIT = 2;
const COLD_LIMIT_MS = 50;

const isQuick = process.argv.includes('--quick');
const sizes = isQuick ? [1000, 100_000] : [1000, 100_000, 1_000_000];
const listRounds = isQuick ? 100 : 300;
const validations = isQuick ? 200 : 500;

/** Milliseconds of each size's calls, in the order of `sizes`. */
type Samples = readonly number[][];

process.once('SIGINT', () => void closeTestBackends().finally(() => process.exit(130)));
process.once('SIGTERM', () => void closeTestBackends().finally(() => process.exit(143)));
try {
  await measure();
} finally {
  await closeTestBackends();
}

async function measure(): Promise<void> {
  const subjects: Subject[] = [];
  for (const size of sizes) subjects.push(await openSubject(size));
  const rows: Row[] = [];
  const targets: Target[] = [];
  console.log(head(sizes));
  const add = (name: string, samples: Samples, coldLimitMs?: number) => {
    const quantiles = samples.map(quantilesOf);
    console.log(line(name, quantiles));
    rows.push(...quantiles.flatMap((each, index) => rowsOf(`${name}, ${sizes[index]} keys`, each)));
    const growth = `${name}: p95 at ${sizes.at(-1)} keys, in times of that at ${sizes[0]}`;
    targets.push(atMost(growth, GROWTH_LIMIT, growthOf(quantiles)));
    if (coldLimitMs === undefined) return;
    for (const [index, { p99 }] of quantiles.entries())
      targets.push(atMost(`${name}: p99 in ms at ${sizes[index]} keys`, coldLimitMs, p99));
  };

  const lists = await measureLists(subjects);
  for (const [name, samples] of lists) add(name, samples);
  for (const subject of subjects) await subject.issueKeys(validations);
  const keys = Array.from({ length: validations }, (_, index) => index);
  const validate = (index: number, subject: Subject) => subject.validate(index);
  add('validate, cold, by digest', await interleaved(subjects, keys, validate), COLD_LIMIT_MS);
  add('validate, warm', await interleaved(subjects, keys, validate));
  add('state of a proved key', await interleaved(subjects, keys, (index, { readState }) => readState(index)));
  for (const subject of subjects) await subject.restartWithAnotherPepper();
  add('validate, cold, by Argon2', await interleaved(subjects, keys, validate), COLD_LIMIT_MS);
  await writeReport('keys', { rows, targets });
}

/** All cases in each round, so that a disturbance of some seconds doesn't fall on one of them alone. */
async function measureLists(subjects: readonly Subject[]): Promise<Map<string, Samples>> {
  const samples = new Map(LIST_CASES.map(({ name }) => [name, subjects.map((): number[] => [])]));
  for (let round = -1; round < listRounds; round++) {
    for (const { name, request } of LIST_CASES) {
      for (const [index, subject] of inTurn(subjects, round)) {
        const elapsedMs = await timed(() => subject.list(request(subject.facts, Math.max(round, 0))));
        // The first round fills the caches.
        if (round >= 0) samples.get(name)?.[index]?.push(elapsedMs);
      }
    }
  }
  return samples;
}

async function interleaved(
  subjects: readonly Subject[],
  rounds: readonly number[],
  work: (round: number, subject: Subject) => Promise<unknown>,
): Promise<Samples> {
  const samples = subjects.map((): number[] => []);
  for (const round of rounds) {
    for (const [index, subject] of inTurn(subjects, round))
      samples[index]?.push(await timed(() => work(round, subject)));
  }
  return samples;
}

/** Another one is first each time: what comes after a slow call may find the processor's caches cold. */
function inTurn<Item>(items: readonly Item[], round: number): [number, Item][] {
  return items.map((_, place): [number, Item] => {
    const index = (place + round + items.length) % items.length;
    return [index, items[index] as Item];
  });
}

function rowsOf(name: string, { p50, p95, p99 }: Quantiles): Row[] {
  return Object.entries({ p50, p95, p99 }).map(([quantile, value]) => ({
    name: `${name}, ${quantile}`,
    value,
    unit: 'ms',
  }));
}
