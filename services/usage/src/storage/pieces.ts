/** Relations of rows whose time lies in some of several pieces. */

/** Half-open, in milliseconds. */
export interface TimePiece {
  fromMs: number;
  toMs: number;
}

export interface PiecesQuery {
  columns: readonly string[];
  table: string;
  /** Column of the time. */
  time: string;
  pieces: readonly TimePiece[];
  /** Further conditions. */
  where?: readonly string[];
}

/** Up to so many pieces are asked for one by one: then Postgres plans for the partitions of just these times. */
const FEW_PIECES = 8;

/** Adds a value to a statement's, and returns what stands for it there. */
export type Parameter = (value: unknown) => string;

export function parametersOf(values: unknown[]): Parameter {
  return (value) => `$${values.push(value)}`;
}

/** Pieces don't overlap: each row is there once. */
export function selectPieces(query: PiecesQuery, parameter: Parameter): string {
  const { columns, table, time, pieces, where = [] } = query;
  const select = (from: string, conditions: readonly string[]) =>
    `select ${columns.join(', ')} from ${from} where ${[...conditions, ...where].join(' and ')}`;
  if (pieces.length === 0 || pieces.length > FEW_PIECES) {
    const edges = (edge: keyof TimePiece) =>
      `${parameter(pieces.map((piece) => new Date(piece[edge])))}::timestamptz[]`;
    const from = `unnest(${edges('fromMs')}, ${edges('toMs')}) as piece (first_moment, end_moment), ${table}`;
    return select(from, [`${time} >= piece.first_moment`, `${time} < piece.end_moment`]);
  }
  const moment = (ms: number) => `${parameter(new Date(ms))}::timestamptz`;
  return pieces
    .map(({ fromMs, toMs }) => select(table, [`${time} >= ${moment(fromMs)}`, `${time} < ${moment(toMs)}`]))
    .join(' union all ');
}

/** Buckets of one length as pieces, those that follow each other as one. */
export function piecesOf(starts: readonly Date[], lengthMs: number): TimePiece[] {
  const pieces: TimePiece[] = [];
  for (const fromMs of starts.map((start) => start.getTime()).toSorted((a, b) => a - b)) {
    const last = pieces.at(-1);
    if (last?.toMs === fromMs) last.toMs += lengthMs;
    else pieces.push({ fromMs, toMs: fromMs + lengthMs });
  }
  return pieces;
}
