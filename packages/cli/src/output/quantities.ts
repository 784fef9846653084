/** Numbers with units, for people. */

const counts = new Intl.NumberFormat('en-US');
const short = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3, useGrouping: false });

/** `1,520` */
export function count(number: number): string {
  return counts.format(number);
}

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** `48.2 kB`: powers of 1000. */
export function bytes(number: number): string {
  const power = Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(Math.max(1, number)) / 3));
  return `${short.format(number / 1000 ** power)} ${BYTE_UNITS[power]}`;
}

/** `8.12 ms`, `1.2 s` */
export function duration(ms: number): string {
  return ms < 1000 ? `${short.format(ms)} ms` : `${short.format(ms / 1000)} s`;
}

/** `0.2 %` of the whole; empty where there is no whole. */
export function percentage(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '';
  return `${short.format((part / whole) * 100)} %`;
}
