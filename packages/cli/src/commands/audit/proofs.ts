/** Proofs of where the log stood that others than the audit service keep. */
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { witnessPageSchema } from '../../api/audit-schemas.ts';
import type { ApiClient } from '../../api/client.ts';
import { readPages } from '../../api/pages.ts';
import { type Checkpoint, linesOf, parseCheckpointLine, type Witness } from '../../audit-chain.ts';
import { Failure, systemCode } from '../../failure.ts';
import { WITNESSES } from './addresses.ts';
import { CheckpointTable } from './checkpoint-table.ts';

const PAGE_SIZE = 10_000;
const HASH_BYTES = 32;

/** A page of them, of which there may be millions. */
interface StoredPage {
  rows: number[];
  hashes: Buffer;
}

/** In the order of the log. */
export interface KeptWitnesses extends Iterable<Witness> {
  count: number;
}

/** All that the keys service has. Throws Failure: `forbidden` to who is no admin. */
export async function readWitnesses(
  client: ApiClient,
  tell: (count: number) => void,
): Promise<KeptWitnesses> {
  let count = 0;
  const pages = await readPages(
    { limit: Number.POSITIVE_INFINITY, maxPageSize: PAGE_SIZE },
    async (query) => {
      const { value } = await client.send(witnessPageSchema, { method: 'GET', path: WITNESSES, query });
      const { data, next_cursor: nextCursor } = value;
      const hashes = Buffer.from(data.map(({ hash }) => hash).join(''), 'hex');
      count += data.length;
      tell(count);
      const page: StoredPage = { rows: data.map((witness) => witness.chain_seq), hashes };
      return { page, count: data.length, nextCursor };
    },
  );
  return { count, [Symbol.iterator]: () => witnessesOf(pages) };
}

function* witnessesOf(pages: readonly StoredPage[]): Generator<Witness> {
  for (const { rows, hashes } of pages)
    for (const [index, chainSeq] of rows.entries())
      yield { chainSeq, hash: hashes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES) };
}

/** In the order of their rows, each once. */
export interface KeptCheckpoints extends Iterable<Checkpoint> {
  /** How many lines are none. */
  damaged: number;
}

/**
 * All those in the files of a folder, whatever crashes have left of them: lines can be there twice, be cut off, and
 * stand in another order than their rows. Throws Failure for a folder that can't be read or has no files.
 */
export async function readCheckpoints(folder: string): Promise<KeptCheckpoints> {
  const kept = new CheckpointTable();
  let damaged = 0;
  for (const name of await filesIn(folder))
    for await (const line of fileLines(join(folder, name))) {
      const checkpoint = parseCheckpointLine(line);
      if (checkpoint) kept.add(checkpoint);
      else damaged += 1;
    }
  return { damaged, [Symbol.iterator]: () => kept.inOrder() };
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    const names = (await readdir(folder)).filter((name) => /\.jsonl?$/.test(name)).sort();
    if (names.length > 0) return names;
  } catch (cause) {
    throw unreadable(folder, cause);
  }
  throw new Failure('configuration', `There are no files of checkpoints (*.jsonl) in ${folder}.`);
}

/** Throws Failure if the file can't be read. */
export async function* fileLines(path: string): AsyncGenerator<string> {
  try {
    yield* linesOf(createReadStream(path));
  } catch (cause) {
    throw systemCode(cause) === undefined ? cause : unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): Failure {
  return new Failure('configuration', `${path} can't be read (${systemCode(cause) ?? 'unknown cause'}).`, {
    cause,
  });
}
