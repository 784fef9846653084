/** From which rollups a period is answered, and which of it from the requests themselves. */
import { unprocessable } from '@hokusai/contracts/errors';
import type { UsagePeriod } from '@hokusai/contracts/usage-periods';
import { firstIndexWhere } from './bisection.ts';

export const GRAINS = ['minute', 'hour', 'day'] as const;
export type Grain = (typeof GRAINS)[number];
/** `raw`: the requests themselves. */
export type Level = Grain | 'raw';

export const GRAIN_MS: Readonly<Record<Grain, number>> = {
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

const FINER: Readonly<Record<Grain, Level>> = { day: 'hour', hour: 'minute', minute: 'raw' };

/** Since when each level is complete, in milliseconds; midnights in UTC. `-Infinity`: nothing is dropped of it. */
export type Floors = Readonly<Record<Level, number>>;

export const NO_FLOORS: Floors = { raw: -Infinity, minute: -Infinity, hour: -Infinity, day: -Infinity };

/** For how many days each level is kept. */
export type RetentionDays = Readonly<Record<Level, number>>;

/** What is not to be believed of the rollups: starts of buckets, in milliseconds. */
export interface Unsettled {
  minutes: readonly number[];
  hours: readonly number[];
  days: readonly number[];
}

/** Half-open, in milliseconds. */
export interface Piece {
  level: Level;
  fromMs: number;
  toMs: number;
}

export interface CoverState {
  floors: Floors;
  unsettled: Unsettled;
}

/**
 * Parts the period into the largest rollups that are settled, and requests where there are none: each moment is in
 * one piece, whichever rollups are behind. What lies before the oldest rollups is left out: nothing is kept of it.
 *
 * @param starts no rollup reaches over one of these moments: starts of buckets to be told apart; in rising order
 * @throws `unprocessable` where an edge lies inside a rollup of which neither finer ones nor requests are kept
 */
export function cover(period: UsagePeriod, starts: readonly Date[], state: CoverState): Piece[] {
  const firstMs = Math.max(period.from.getTime(), Math.min(...Object.values(state.floors)));
  const lastMs = period.to.getTime();
  const cuts = starts.map((start) => start.getTime()).filter((ms) => ms > firstMs && ms < lastMs);
  const edges = [firstMs, ...cuts, lastMs];
  const unsettled = unsettledBuckets(state.unsettled);
  const pieces: Piece[] = [];
  const context: Context = { floors: state.floors, unsettled, pieces, firstMs, lastMs };
  for (const [index, fromMs] of edges.entries()) {
    const toMs = edges[index + 1];
    if (toMs !== undefined) coverAt('day', { fromMs, toMs }, context);
  }
  return pieces;
}

interface Context {
  floors: Floors;
  /** In rising order, each once. */
  unsettled: Readonly<Record<Grain, readonly number[]>>;
  /** What is found is added here. */
  pieces: Piece[];
  firstMs: number;
  lastMs: number;
}

type Span = Omit<Piece, 'level'>;

function coverAt(level: Level, { fromMs, toMs }: Span, context: Context): void {
  if (fromMs >= toMs) return;
  const floorMs = context.floors[level];
  if (level === 'raw') {
    if (fromMs < floorMs) refuse(fromMs, toMs, context);
    addPiece(context.pieces, { level, fromMs, toMs });
    return;
  }
  if (fromMs < floorMs) {
    coverAt(FINER[level], { fromMs, toMs: Math.min(floorMs, toMs) }, context);
    coverAt(level, { fromMs: floorMs, toMs }, context);
    return;
  }
  const lengthMs = GRAIN_MS[level];
  const firstStartMs = Math.ceil(fromMs / lengthMs) * lengthMs;
  const lastEndMs = Math.floor(toMs / lengthMs) * lengthMs;
  if (firstStartMs >= lastEndMs) {
    coverAt(FINER[level], { fromMs, toMs }, context);
    return;
  }
  coverAt(FINER[level], { fromMs, toMs: firstStartMs }, context);
  coverBuckets(level, { fromMs: firstStartMs, toMs: lastEndMs }, context);
  coverAt(FINER[level], { fromMs: lastEndMs, toMs }, context);
}

/**
 * Whole buckets of a grain; the work is that of the unsettled ones, however long the span. What those are made of is
 * kept for as long as they are unsettled, whatever else of that time is dropped.
 */
function coverBuckets(grain: Grain, { fromMs, toMs }: Span, context: Context): void {
  let nextMs = fromMs;
  for (const startMs of between(context.unsettled[grain], fromMs, toMs)) {
    addPiece(context.pieces, { level: grain, fromMs: nextMs, toMs: startMs });
    nextMs = startMs + GRAIN_MS[grain];
    coverAt(FINER[grain], { fromMs: startMs, toMs: nextMs }, { ...context, floors: NO_FLOORS });
  }
  addPiece(context.pieces, { level: grain, fromMs: nextMs, toMs });
}

/** Pieces come in order: one that goes on where the last one ended makes it longer. Those without length are left out. */
function addPiece(pieces: Piece[], piece: Piece): void {
  if (piece.fromMs >= piece.toMs) return;
  const last = pieces.at(-1);
  if (last && last.level === piece.level && last.toMs === piece.fromMs) last.toMs = piece.toMs;
  else pieces.push(piece);
}

/** A bucket is unsettled if anything in it is. */
function unsettledBuckets({ minutes, hours, days }: Unsettled): Context['unsettled'] {
  const bucketsOf = (grain: Grain, times: readonly number[]) => {
    const starts = new Set<number>();
    for (const ms of times) starts.add(Math.floor(ms / GRAIN_MS[grain]) * GRAIN_MS[grain]);
    return [...starts].toSorted((a, b) => a - b);
  };
  const minute = bucketsOf('minute', minutes);
  const hour = bucketsOf('hour', [...hours, ...minute]);
  return { minute, hour, day: bucketsOf('day', [...days, ...hour]) };
}

/** Those of the rising numbers that are `first` or more, and less than `end`. */
function* between(rising: readonly number[], first: number, end: number): Generator<number> {
  for (let index = firstIndexWhere(rising, (value) => value >= first); index < rising.length; index++) {
    const value = rising[index] as number;
    if (value >= end) return;
    yield value;
  }
}

function refuse(fromMs: number, toMs: number, { floors, firstMs, lastMs }: Context): never {
  const grain = GRAINS.find((each) => fromMs >= floors[each]) ?? 'day';
  const kept = `usage of that time is kept by the ${grain} (UTC)`;
  const path = edgeOf(fromMs === firstMs, toMs === lastMs);
  const message =
    path === 'time_zone'
      ? `${kept}: hours or days of this zone begin inside of it; take another zone or a later period`
      : `${kept}: name a time at which one begins, such as ${startOf(grain, fromMs)}`;
  throw unprocessable([{ path, message }], { what: 'The filter is not valid' });
}

function edgeOf(isFirst: boolean, isLast: boolean): 'from' | 'to' | 'time_zone' {
  if (isFirst) return 'from';
  return isLast ? 'to' : 'time_zone';
}

function startOf(grain: Grain, ms: number): string {
  return new Date(Math.floor(ms / GRAIN_MS[grain]) * GRAIN_MS[grain]).toISOString();
}
