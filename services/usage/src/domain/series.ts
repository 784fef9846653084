/** Buckets of a time series. */
import type { UsageGranularity, UsagePeriod } from '@hokusai/contracts/usage-periods';
import { GRAIN_MS } from './cover.ts';
import { localTime } from './local-time.ts';

/**
 * Starts of the buckets that the period touches, in rising order: whole minutes, whole hours of the time zone
 * (which may last longer where its clocks are put forward or back), or its midnights (the first moment of a day that
 * has none). The first bucket may begin before the period.
 *
 * @param timeZone IANA name
 */
export function bucketStarts(period: UsagePeriod, granularity: UsageGranularity, timeZone: string): Date[] {
  if (period.from >= period.to) return [];
  if (granularity === 'minute' || isUtc(timeZone)) return evenStarts(period, GRAIN_MS[granularity]);
  return granularity === 'day' ? dayStarts(period, timeZone) : hourStarts(period, timeZone);
}

function isUtc(timeZone: string): boolean {
  return ['UTC', 'Etc/UTC', 'Etc/GMT', 'GMT'].includes(timeZone);
}

function evenStarts({ from, to }: UsagePeriod, lengthMs: number): Date[] {
  const firstMs = Math.floor(from.getTime() / lengthMs) * lengthMs;
  const count = Math.ceil((to.getTime() - firstMs) / lengthMs);
  return Array.from({ length: count }, (_, index) => new Date(firstMs + index * lengthMs));
}

function dayStarts({ from, to }: UsagePeriod, timeZone: string): Date[] {
  const localMs = localTime(timeZone);
  const firstDay = Math.floor(localMs(from.getTime()) / GRAIN_MS.day);
  const starts: Date[] = [];
  for (let day = firstDay; ; day++) {
    const startMs = startOfDay(day, localMs);
    if (startMs >= to.getTime()) return starts;
    // A day that a zone leaves out, by crossing the date line, begins where the next one does.
    if (starts.at(-1)?.getTime() !== startMs) starts.push(new Date(startMs));
  }
}

/** Where clocks show a whole hour: in some zones that is no hour of UTC, and in a few not always an hour later. */
function hourStarts({ from, to }: UsagePeriod, timeZone: string): Date[] {
  const localMs = localTime(timeZone);
  const pastHourMs = (ms: number) => ((localMs(ms) % GRAIN_MS.hour) + GRAIN_MS.hour) % GRAIN_MS.hour;
  const starts: Date[] = [];
  let startMs = from.getTime() - pastHourMs(from.getTime());
  // Clocks that were put by half an hour in between.
  startMs -= pastHourMs(startMs);
  while (startMs < to.getTime()) {
    starts.push(new Date(startMs));
    const nextMs = startMs + GRAIN_MS.hour;
    startMs = nextMs + ((GRAIN_MS.hour - pastHourMs(nextMs)) % GRAIN_MS.hour);
  }
  return starts;
}

/** The first moment at which the zone's calendar shows the day or a later one, by bisection. */
function startOfDay(day: number, localMs: (ms: number) => number): number {
  const midnightMs = day * GRAIN_MS.day;
  const offsetMs = localMs(midnightMs) - midnightMs;
  const guessMs = midnightMs - offsetMs;
  if (localMs(guessMs) === midnightMs && localMs(guessMs - 1) < midnightMs) return guessMs;
  let [before, after] = [midnightMs - GRAIN_MS.day, midnightMs + GRAIN_MS.day];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (localMs(middle) >= midnightMs) after = middle;
    else before = middle;
  }
  return after;
}
