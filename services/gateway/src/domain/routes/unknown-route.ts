/** What a table does not know, and an upstream may have served all the same. */
import { type CanonicalPath, canonicalPath } from './canonical-path.ts';
import type { RoutePolicy } from './route-decision.ts';

/** No escapes and no `;`, which servers read in several ways. */
const PLAIN = /^[\w./~-]+$/;

/**
 * True for a path in its plainest form that the table knows in no spelling: a known route in other letters could be one
 * that is switched off, on a server that takes them for the same.
 */
export function isPlainlyUnknown(policy: RoutePolicy, method: string, path: CanonicalPath): boolean {
  if (!isUnknown(policy, method, path) || !PLAIN.test(path.path)) return false;
  const lower = canonicalPath(path.path.toLowerCase());
  return lower.problem === undefined && isUnknown(policy, method, lower);
}

function isUnknown(policy: RoutePolicy, method: string, path: CanonicalPath): boolean {
  const route = policy.scopeFor(method, path);
  return route.kind === 'refused' && route.reason === 'unknown-route';
}
