/** Recomputes the chain row by row and names the first that is not what was appended. */
import {
  type BodyContent,
  type ChainHead,
  type ChainRow,
  columnsOf,
  fitsItsHash,
  isSameHash,
  type ProvenRow,
  personalDigest,
  type QueryColumns,
} from './chain.ts';

const HASH_BYTES = 32;

/** What shows a fault: the chain itself, what was signed or kept of it elsewhere, or the form of an export. */
export type FaultProof = 'chain' | 'checkpoint' | 'witness' | 'export';

export interface ChainFault {
  /** The first row that is altered, missing, inserted or out of its place. */
  chainSeq: number;
  /** What is wrong with it, in words. */
  problem: string;
  proof: FaultProof;
}

/** A row whose columns are verified too, where they are given. */
export type VerifiableRow = ProvenRow &
  Partial<Pick<ChainRow, 'columns'>> & {
    /** Those that are known to differ from the body, by the word of whoever has seen them. */
    alteredColumns?: readonly string[] | undefined;
  };

export interface ChainVerifierOptions {
  /** Rows may be left out: each has to fit its hash, and its predecessor where that is given. */
  isSelection?: boolean;
}

/** Takes rows in rising order. After a fault nothing more is to be learnt: feed it no further rows. */
export class ChainVerifier {
  readonly #isSelection: boolean;
  #last: ChainHead;
  #rows = 0;
  #erasedValues = 0;

  /** `start`: the row before the first one to be verified. */
  constructor(start: ChainHead, { isSelection = false }: ChainVerifierOptions = {}) {
    this.#last = start;
    this.#isSelection = isSelection;
  }

  get rowsVerified(): number {
    return this.#rows;
  }

  /** Personal values of which only the digests are there. */
  get erasedValues(): number {
    return this.#erasedValues;
  }

  /** The last row that was found to be right, or the one to start after. */
  get last(): ChainHead {
    return this.#last;
  }

  next(row: VerifiableRow): ChainFault | undefined {
    const last = this.#last;
    const isNext = row.chainSeq === last.chainSeq + 1;
    const fault =
      (isNext ? undefined : this.#gapFault(row.chainSeq)) ??
      hashFault(row) ??
      this.#contentFault(row) ??
      (isNext ? linkFault(row, last) : undefined);
    if (fault) return fault;
    this.#last = row;
    this.#rows += 1;
    return undefined;
  }

  #contentFault(row: VerifiableRow): ChainFault | undefined {
    try {
      const content = JSON.parse(row.body) as BodyContent;
      const found = bodyFault(row, content) ?? personalFault(row, content);
      if (!found) this.#erasedValues += erasedIn(row, content);
      return found;
    } catch {
      return fault(row.chainSeq, 'The stored body is not that of an event: altered.');
    }
  }

  #gapFault(chainSeq: number): ChainFault | undefined {
    const { chainSeq: last } = this.#last;
    if (chainSeq <= last) return fault(chainSeq, `The row stands after row ${last}: moved.`);
    return this.#isSelection ? undefined : missingRows(last + 1, chainSeq - 1);
  }

  /** To be asked after the last row of the log: does it end where its head says? */
  end(head: ChainHead): ChainFault | undefined {
    const { chainSeq, hash } = this.#last;
    if (chainSeq < head.chainSeq) return missingRows(chainSeq + 1, head.chainSeq);
    if (chainSeq > head.chainSeq)
      return fault(head.chainSeq + 1, 'The row stands after the end of the log: inserted.');
    if (isSameHash(hash, head.hash)) return undefined;
    return fault(chainSeq, 'The row is not the one that the log ended with: replaced.');
  }
}

/** The fault of rows that are not there. */
export function missingRows(from: number, to: number, proof: FaultProof = 'chain'): ChainFault {
  const problem = from >= to ? 'The row is missing.' : `The rows ${from} to ${to} are missing.`;
  return { chainSeq: from, problem, proof };
}

function fault(chainSeq: number, problem: string): ChainFault {
  return { chainSeq, problem, proof: 'chain' };
}

function hashFault(row: ProvenRow): ChainFault | undefined {
  if (row.previousHash.length === HASH_BYTES && fitsItsHash(row)) return undefined;
  return fault(row.chainSeq, 'The row does not fit its hash: altered.');
}

/**
 * A row that is right in itself but does not fit its predecessor was chained to another one: then it is
 * the predecessor that was replaced, together with its hash.
 */
function linkFault({ chainSeq, previousHash }: ProvenRow, last: ChainHead): ChainFault | undefined {
  if (isSameHash(previousHash, last.hash)) return undefined;
  if (last.chainSeq === 0)
    return fault(chainSeq, 'The row is not the first one that was appended: replaced.');
  return fault(last.chainSeq, 'The row is not the one that its successor was chained to: replaced.');
}

function bodyFault(
  { chainSeq, eventId, columns, alteredColumns }: VerifiableRow,
  content: BodyContent,
): ChainFault | undefined {
  if (content.chain_seq !== chainSeq)
    return fault(chainSeq, `The row was appended as number ${content.chain_seq}: moved.`);
  if (content.event_id !== eventId) return columnFault(chainSeq, 'event_id');
  const [altered] = alteredColumns ?? [];
  if (altered !== undefined) return columnFault(chainSeq, altered);
  if (!columns) return undefined;
  const expected = columnsOf(content);
  for (const name in expected) {
    const column = name as keyof QueryColumns;
    if (expected[column] !== columns[column]) return columnFault(chainSeq, column);
  }
  return undefined;
}

function columnFault(chainSeq: number, column: string): ChainFault {
  return fault(chainSeq, `The column ${column} differs from the stored body: altered.`);
}

/** Erased values are missing; the ones that are there must be those of the event. */
function personalFault({ chainSeq, personal }: ProvenRow, content: BodyContent): ChainFault | undefined {
  for (const one of personal)
    if (content.personal[one.name] !== personalDigest(one))
      return fault(chainSeq, `The personal value ${one.name} is not the event's: altered.`);
  return undefined;
}

/** A name that is there twice would count for another one that is not: it is the same value, and so counts once. */
function erasedIn({ personal }: ProvenRow, content: BodyContent): number {
  let known = 0;
  for (const _ in content.personal) known += 1;
  const there = personal.length < 2 ? personal.length : new Set(personal.map(({ name }) => name)).size;
  return known - there;
}
