let second = Number.NaN;
let text = '';

/** As HTTP writes an instant (RFC 9110, section 5.6.7), in whole seconds. `atMs`: since the epoch. */
export function httpDate(atMs: number): string {
  const atSecond = Math.floor(atMs / 1000);
  if (atSecond !== second) {
    second = atSecond;
    text = new Date(atMs).toUTCString();
  }
  return text;
}
