import { timed } from './statistics.ts';

/** Milliseconds of each subject's calls, in the order of the subjects. */
export type Samples = readonly number[][];

/** A kind of call, made to one of several subjects that are compared. */
export interface Call<Subject> {
  name: string;
  /** @param round from 0 */
  make: (subject: Subject, round: number) => Promise<unknown>;
}

/**
 * Times calls to all subjects in turn, round by round: whatever else the machine does falls on all calls and all
 * subjects alike. Samples by the call's name.
 *
 * @param warmUps rounds before, which aren't timed
 */
export async function interleave<Subject>(
  subjects: readonly Subject[],
  calls: readonly Call<Subject>[],
  { rounds, warmUps }: { rounds: number; warmUps: number },
): Promise<Map<string, Samples>> {
  const samples = new Map(calls.map(({ name }) => [name, subjects.map((): number[] => [])]));
  for (let round = -warmUps; round < rounds; round++) {
    for (const { name, make } of calls) {
      for (const index of inTurn(subjects.length, round)) {
        const elapsedMs = await timed(() => make(subjects[index] as Subject, Math.max(round, 0)));
        if (round >= 0) samples.get(name)?.[index]?.push(elapsedMs);
      }
    }
  }
  return samples;
}

/** Another one is first each time: whoever comes after a slow call may find the processor's caches cold. */
function inTurn(count: number, round: number): number[] {
  return Array.from({ length: count }, (_, place) => (((place + round) % count) + count) % count);
}
