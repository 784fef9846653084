/** Years 1 to 9999, the range of a protobuf Timestamp and of RFC 3339. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** False for an invalid date too. */
export function isRepresentable(time: Date): boolean {
  return time.getTime() >= FIRST_MS && time.getTime() <= LAST_MS;
}

/** null stands for never. */
export function earliest(...times: (Date | null)[]): Date | null {
  return times.reduce(
    (first, time) => (first === null || (time !== null && time < first) ? time : first),
    null,
  );
}
