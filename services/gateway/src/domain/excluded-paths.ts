/**
 * Paths that need no key, as `/health` (exactly that) or `/mlflow/*` (all below it). To be asked with the
 * canonical path, so that no other spelling of a path slips in.
 */
export function excludedPaths(patterns: readonly string[]): (canonicalPath: string) => boolean {
  const exact = new Set(patterns.filter((pattern) => !pattern.endsWith('/*')));
  const folders = patterns.filter((pattern) => pattern.endsWith('/*')).map((pattern) => pattern.slice(0, -1));
  return (path) => exact.has(path) || folders.some((folder) => path.startsWith(folder));
}
