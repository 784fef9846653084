/** What the clocks of time zones show. */

const DAY_MS = 24 * 60 * 60 * 1000;
/** Of so many zones, and so many days of each, offsets are remembered: some MB. */
const MAX_ZONES = 20;
const MAX_DAYS = 3000;

type LocalTime = (ms: number) => number;

const remembered = new Map<string, LocalTime>();

/**
 * What the zone's clocks show at a moment, as if that were milliseconds of UTC; from the year 100 on.
 *
 * @param timeZone IANA name
 */
export function localTime(timeZone: string): LocalTime {
  const known = remembered.get(timeZone);
  if (known) return known;
  if (remembered.size >= MAX_ZONES) remembered.clear();
  const made = byOffsets(byFormat(timeZone));
  remembered.set(timeZone, made);
  return made;
}

/** Formatting a moment takes as long as a thousand sums: it is done for midnights (UTC), and days with a change. */
function byOffsets(exactMs: LocalTime): LocalTime {
  const offsets = new Map<number, number>();
  const offsetAt = (day: number) => {
    const known = offsets.get(day);
    if (known !== undefined) return known;
    if (offsets.size >= MAX_DAYS) offsets.clear();
    const offsetMs = exactMs(day * DAY_MS) - day * DAY_MS;
    offsets.set(day, offsetMs);
    return offsetMs;
  };
  return (ms) => {
    const day = Math.floor(ms / DAY_MS);
    const offsetMs = offsetAt(day);
    // No zone puts its clocks twice within a day.
    return offsetMs === offsetAt(day + 1) ? ms + offsetMs : exactMs(ms);
  };
}

function byFormat(timeZone: string): LocalTime {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (ms) => {
    const parts = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const of = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0;
    const wholeSecondsMs = Date.UTC(
      of('year'),
      of('month') - 1,
      of('day'),
      of('hour'),
      of('minute'),
      of('second'),
    );
    return wholeSecondsMs + (((ms % 1000) + 1000) % 1000);
  };
}
