/** From which rollups a period is answered, and which of it from the requests themselves. */
import { unprocessable } from '@hokusai/contracts/errors';
import type { UsagePeriod } from '@hokusai/contracts/usage-periods';

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

/** Since when each level is complete, in milliseconds; midnights in UTC. */
export type Floors = Readonly<Record<Level, number>>;

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
    if (toMs !== undefined) coverAt('day', fromMs, toMs, context);
  }
  return pieces;
}

interface Context {
  floors: Floors;
  unsettled: Readonly<Record<Grain, ReadonlySet<number>>>;
  /** What is found is added here. */
  pieces: Piece[];
  firstMs: number;
  lastMs: number;
}

function coverAt(level: Level, fromMs: number, toMs: number, context: Context): void {
  if (fromMs >= toMs) return;
  const floorMs = context.floors[level];
  if (level === 'raw') {
    if (fromMs < floorMs) refuse(fromMs, toMs, context);
    addPiece(context.pieces, { level, fromMs, toMs });
    return;
  }
  if (fromMs < floorMs) {
    coverAt(FINER[level], fromMs, Math.min(floorMs, toMs), context);
    coverAt(level, floorMs, toMs, context);
    return;
  }
  const lengthMs = GRAIN_MS[level];
  const firstStartMs = Math.ceil(fromMs / lengthMs) * lengthMs;
  const lastEndMs = Math.floor(toMs / lengthMs) * lengthMs;
  if (firstStartMs >= lastEndMs) {
    coverAt(FINER[level], fromMs, toMs, context);
    return;
  }
  coverAt(FINER[level], fromMs, firstStartMs, context);
  for (let startMs = firstStartMs; startMs < lastEndMs; startMs += lengthMs) {
    const endMs = startMs + lengthMs;
    if (context.unsettled[level].has(startMs)) coverAt(FINER[level], startMs, endMs, context);
    else addPiece(context.pieces, { level, fromMs: startMs, toMs: endMs });
  }
  coverAt(FINER[level], lastEndMs, toMs, context);
}

/** Pieces come in order: one that goes on where the last one ended makes it longer. */
function addPiece(pieces: Piece[], piece: Piece): void {
  const last = pieces.at(-1);
  if (last && last.level === piece.level && last.toMs === piece.fromMs) last.toMs = piece.toMs;
  else pieces.push(piece);
}

/** A bucket is unsettled if anything in it is. */
function unsettledBuckets({ minutes, hours, days }: Unsettled): Context['unsettled'] {
  const within = (grain: Grain, times: readonly number[]) =>
    times.map((ms) => Math.floor(ms / GRAIN_MS[grain]) * GRAIN_MS[grain]);
  return {
    minute: new Set(minutes),
    hour: new Set([...hours, ...within('hour', minutes)]),
    day: new Set([...days, ...within('day', minutes), ...within('day', hours)]),
  };
}

function refuse(fromMs: number, toMs: number, { floors, firstMs, lastMs }: Context): never {
  const grain = GRAINS.find((each) => fromMs >= floors[each]) ?? 'day';
  const kept = `usage of that time is kept by the ${grain} (UTC)`;
  const path = edgeOf(fromMs === firstMs, toMs === lastMs);
  const message =
    path === 'time_zone'
      ? `${kept}: the days of this zone begin inside of it; take another zone or a later period`
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
