/**
 * Lists, filters and validation at a thousand, a hundred thousand and a million keys, through the gRPC
 * interface of real keys services, each on a database of its own:
 *
 *     npm run bench -- keys              ten minutes or more, and 3 GB of disk in the folder for temporary files
 *     npm run bench -- keys --quick      up to a hundred thousand keys
 *
 * Targets: the 95th percentile at the largest size is at most twice that at the smallest; the first validation of
 * a key takes less than 50 ms in 99 of 100 cases.
 */
import { closeTestBackends } from '@hokusai/testing';
import { type Call, interleave } from '../lib/interleave.ts';
import { writeReport } from '../lib/report.ts';
import { GROWING_CASES, LIST_CASES, type ListCase } from './lists.ts';
import { Results } from './results.ts';
import { openSubject, type Subject } from './subject.ts';

const COLD = { isFlat: true, p99LimitMs: 50 };

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
  const add = async (
    name: string,
    make: Call<Subject>['make'],
    expectation: typeof COLD | { isFlat: boolean },
  ) => {
    const samples = await interleave(subjects, [{ name, make }], { rounds: keys, warmUps: 0 });
    results.add(name, samples.get(name) ?? [], expectation);
  };
  await add('validate, cold, by digest', validate, COLD);
  await add('validate, warm', validate, { isFlat: true });
  await add('state of a proved key', ({ readState }, round) => readState(round), { isFlat: true });
  for (const subject of subjects) await subject.restartWithAnotherPepper();
  await add('validate, cold, by Argon2', validate, COLD);
}
