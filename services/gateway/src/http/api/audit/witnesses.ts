/** Reads what the keys service has kept of where its events stand in the audit log. */
import type { StoredWitness__Output } from '@hokusai/contracts/gen/keys/v1/StoredWitness';

const PAGE_SIZE = 10_000;
/** Half of what the audit service takes, and of what a message to it may hold. */
const MAX_WITNESSES = 50_000;

export interface WitnessPage {
  witnesses: StoredWitness__Output[];
  hasMore: boolean;
}

/** The page after a row. */
export type ReadWitnesses = (afterChainSeq: string, pageSize: number) => Promise<WitnessPage>;

export interface CollectedWitnesses {
  /** At most `limit`: at regular distances, and the last one. */
  witnesses: StoredWitness__Output[];
  /** How many there are. */
  known: number;
}

/**
 * Those of the rows between two, both included. Where there are too many, only each second one stays, then each
 * fourth, and so on: a hash stands for all rows before its own, so that little is lost.
 */
export async function collectWitnesses(
  read: ReadWitnesses,
  { first, last }: { first: number; last: number },
  limit = MAX_WITNESSES,
): Promise<CollectedWitnesses> {
  let kept: StoredWitness__Output[] = [];
  let [known, stride] = [0, 1];
  let newest: StoredWitness__Output | undefined;
  for await (const witness of witnessesFrom(read, first)) {
    if (Number(witness.chainSeq) > last) break;
    newest = witness;
    if (known % stride === 0) kept.push(witness);
    known += 1;
    if (kept.length < limit) continue;
    kept = kept.filter((_, index) => index % 2 === 0);
    stride *= 2;
  }
  if (newest && kept.at(-1) !== newest) kept.push(newest);
  return { witnesses: kept, known };
}

async function* witnessesFrom(read: ReadWitnesses, first: number): AsyncGenerator<StoredWitness__Output> {
  for (let after = String(first - 1); ; ) {
    const { witnesses, hasMore } = await read(after, PAGE_SIZE);
    yield* witnesses;
    const end = witnesses.at(-1);
    if (!hasMore || !end) return;
    after = end.chainSeq;
  }
}
