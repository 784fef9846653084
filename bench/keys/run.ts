/**
 * Lists, filters and validation at a thousand, a hundred thousand and a million keys, through the gRPC
 * interface of real keys services, each on a database of its own:
 *
 *     npm run bench -- keys              ten minutes or more, and 3 GB of disk in the folder for temporary files
 *     npm run bench -- keys --quick      up to a hundred thousand keys
 *
 * Targets: the 95th percentile at the largest size is at most twice that at the smallest; the first validation of
 * a key takes less than 50 ms in 99 of 100 cases. Where it takes Argon2, for want of a pepper that fits, it takes at
 * most twice as long as that hash alone on the same machine.
 */

import { closeTestBackends } from '@hokusai/testing';
import argon2 from 'argon2';
import { type Call, interleave } from '../lib/interleave.ts';
import { writeReport } from '../lib/report.ts';
import { GROWING_CASES, LIST_CASES, type ListCase } from './lists.ts';
import { type Expectation, Results } from './results.ts';
import { openSubject, type Subject } from './subject.ts';

const COLD = { isFlat: true, p99LimitMs: 50 };
/** What a keys service hashes with by default. */
const ARGON2 = { type: argon2.argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;
const ARGON2_OVERHEAD_LIMIT = 2;

const isQuick = process.argv.includes('--quick');
const sizes = isQuick ? [1000, 100_000] : [1000, 100_000, 1_000_000];
const rounds = isQuick ? 100 : 300;
const growingRounds = isQuick ? 20 : 40;
const keys = isQuick ? 200 : 500;

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
  const results = new Results(sizes);
  await measureLists(LIST_CASES, { subjects, results, rounds, isFlat: true });
  await measureLists(GROWING_CASES, { subjects, results, rounds: growingRounds, isFlat: false });
  await measureValidation(subjects, results);
  await writeReport('keys', results);
}

async function measureLists(
  cases: readonly ListCase[],
  given: { subjects: readonly Subject[]; results: Results; rounds: number; isFlat: boolean },
): Promise<void> {
  const { subjects, results, isFlat } = given;
  const calls = cases.map(
    ({ name, request }): Call<Subject> => ({
      name,
      make: ({ list, facts }, round) => list(request(facts, round)),
    }),
  );
  const samples = await interleave(subjects, calls, { rounds: given.rounds, warmUps: 1 });
  for (const [name, each] of samples) results.add(name, each, { isFlat });
}

/** Each round is another key: the first call with it is a cold one. */
async function measureValidation(subjects: readonly Subject[], results: Results): Promise<void> {
  for (const subject of subjects) await subject.issueKeys(keys);
  const validate: Call<Subject>['make'] = ({ validate }, round) => validate(round);
  const measureEach = (name: string, make: Call<Subject>['make']) =>
    interleave(subjects, [{ name, make }], { rounds: keys, warmUps: 0 });
  const add = async (name: string, make: Call<Subject>['make'], expectation: Expectation) =>
    results.add(name, (await measureEach(name, make)).get(name) ?? [], expectation);
  await add('validate, cold, by digest', validate, COLD);
  await add('validate, warm', validate, { isFlat: true });
  await add('state of a proved key', ({ readState }, round) => readState(round), { isFlat: true });
  for (const subject of subjects) await subject.restartWithAnotherPepper();
  await measureArgon2(subjects, results, validate);
}

/** In turn with the hash alone, which this process computes. */
async function measureArgon2(
  subjects: readonly Subject[],
  results: Results,
  validate: Call<Subject>['make'],
): Promise<void> {
  const [name, alone] = ['validate, cold, by Argon2', 'Argon2 alone'];
  const calls: Call<Subject>[] = [
    { name, make: validate },
    { name: alone, make: (_subject, round) => argon2.hash(`hk_live_${round}`.padEnd(58, '0'), ARGON2) },
  ];
  const samples = await interleave(subjects, calls, { rounds: keys, warmUps: 0 });
  results.add(name, samples.get(name) ?? [], { isFlat: true });
  results.add(alone, samples.get(alone) ?? [], { isFlat: false });
  results.compare(name, alone, { quantile: 'p95', limit: ARGON2_OVERHEAD_LIMIT });
}
