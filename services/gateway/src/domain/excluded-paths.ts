/** Of the gateway itself, for supervisors and readers: whatever the configuration says, they need no key. */
const ALWAYS_OPEN: readonly string[] = [
  '/livez',
  '/readyz',
  '/api/v1/docs',
  '/api/v1/docs/*',
  '/api/v1/openapi.json',
  '/api/v1/version',
];

/** True for what no configuration opens: managing keys without one would be managing them as nobody. */
export function isNeverOpen(pattern: string): boolean {
  return (
    /^\/api(\/|$)/.test(pattern) && !excludedPaths(ALWAYS_OPEN)(pattern) && !ALWAYS_OPEN.includes(pattern)
  );
}

/**
 * Paths that need no key, as `/health` (exactly that) or `/mlflow/*` (all below it). To be asked with the
 * canonical path, so that no other spelling of a path slips in; nor does one that is another path if it is decoded twice
 * (`/open/..%252fclosed`), as some servers do: below a folder nothing with an encoded `%` is covered.
 */
export function excludedPaths(patterns: readonly string[]): (canonicalPath: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith('/*')));
  const folders = patterns.filter((pattern) => pattern.endsWith('/*')).map((pattern) => pattern.slice(0, -1));
  const isBelow = (path: string) => folders.some((folder) => path.startsWith(folder));
  return (path) => exact.has(path) || (isBelow(path) && !path.includes('%25'));
}
