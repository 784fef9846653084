/** Recomputes the chain row by row and names the first that is not what was appended. */
import {
  type BodyContent,
  type ChainHead,
  type ChainRow,
  chainHash,
  columnsOf,
  personalDigest,
  type QueryColumns,
} from './chain.ts';

export interface ChainFault {
  /** The first row that is altered, missing, inserted or out of its place. */
  chainSeq: number;
  /** What is wrong with it, in words. */
  problem: string;
}

/** Takes rows in rising order. After a fault nothing more is to be learnt: feed it no further rows. */
export class ChainVerifier {
  #last: ChainHead;
  #rows = 0;

  /** `start`: the row before the first one to be verified. */
  constructor(start: ChainHead) {
    this.#last = start;
  }

  get rowsVerified(): number {
    return this.#rows;
  }

  /** Number of the last row that was found to be right, or of the one to start after. */
  get position(): number {
    return this.#last.chainSeq;
  }

  next(row: ChainRow): ChainFault | undefined {
    const expected = this.#last.chainSeq + 1;
    const fault =
      placeFault(row, expected) ?? hashFault(row) ?? contentFault(row) ?? linkFault(row, this.#last);
    if (fault) return fault;
    this.#last = row;
    this.#rows += 1;
    return undefined;
  }

  /** To be asked after the last row of the log: does it end where its head says? */
  end(head: ChainHead): ChainFault | undefined {
    const { chainSeq, hash } = this.#last;
    if (chainSeq < head.chainSeq) return missing(chainSeq + 1, head.chainSeq);
    if (chainSeq > head.chainSeq)
      return { chainSeq: head.chainSeq + 1, problem: 'The row stands after the end of the log: inserted.' };
    if (isEqual(hash, head.hash)) return undefined;
    return { chainSeq, problem: 'The row is not the one that the log ended with: replaced.' };
  }
}

function placeFault({ chainSeq }: ChainRow, expected: number): ChainFault | undefined {
  return chainSeq === expected ? undefined : missing(expected, chainSeq - 1);
}

function missing(from: number, to: number): ChainFault {
  const problem = from === to ? 'The row is missing.' : `The rows ${from} to ${to} are missing.`;
  return { chainSeq: from, problem };
}

function hashFault({ chainSeq, previousHash, body, hash }: ChainRow): ChainFault | undefined {
  if (isEqual(hash, chainHash(previousHash, body))) return undefined;
  return { chainSeq, problem: 'The row does not fit its hash: altered.' };
}

/**
 * A row that is right in itself but does not fit its predecessor was chained to another one: then it is
 * the predecessor that was replaced, together with its hash.
 */
function linkFault({ chainSeq, previousHash }: ChainRow, last: ChainHead): ChainFault | undefined {
  if (isEqual(previousHash, last.hash)) return undefined;
  if (last.chainSeq === 0)
    return { chainSeq, problem: 'The row is not the first one that was appended: replaced.' };
  return {
    chainSeq: last.chainSeq,
    problem: 'The row is not the one that its successor was chained to: replaced.',
  };
}

function contentFault(row: ChainRow): ChainFault | undefined {
  try {
    const content = JSON.parse(row.body) as BodyContent;
    return bodyFault(row, content) ?? personalFault(row, content);
  } catch {
    return { chainSeq: row.chainSeq, problem: 'The stored body is not that of an event: altered.' };
  }
}

function bodyFault({ chainSeq, eventId, columns }: ChainRow, content: BodyContent): ChainFault | undefined {
  if (content.chain_seq !== chainSeq)
    return { chainSeq, problem: `The row was appended as number ${content.chain_seq}: moved.` };
  if (content.event_id !== eventId) return columnFault(chainSeq, 'event_id');
  const expected = columnsOf(content);
  const names = Object.keys(expected) as (keyof QueryColumns)[];
  const wrong = names.find((name) => expected[name] !== columns[name]);
  return wrong && columnFault(chainSeq, wrong);
}

function columnFault(chainSeq: number, column: string): ChainFault {
  return { chainSeq, problem: `The column ${column} differs from the stored body: altered.` };
}

/** Erased values are missing; the ones that are there must be those of the event. */
function personalFault({ chainSeq, personal }: ChainRow, content: BodyContent): ChainFault | undefined {
  const wrong = personal.find((one) => content.personal[one.name] !== personalDigest(one));
  return wrong && { chainSeq, problem: `The personal value ${wrong.name} is not the event's: altered.` };
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
