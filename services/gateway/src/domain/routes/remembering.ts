/** What was worked out about a path, kept for the next request to the same one. */
import type { CanonicalPath } from './canonical-path.ts';
import type { RouteDecision, RoutePolicy } from './route-decision.ts';

/** The same policy, which thinks once about each path object and method. */
export function rememberingPaths(policy: RoutePolicy): RoutePolicy {
  const known = new WeakMap<CanonicalPath, { endpoint: string; decisions: Map<string, RouteDecision> }>();
  const about = (path: CanonicalPath) => {
    let entry = known.get(path);
    if (!entry) {
      entry = { endpoint: policy.endpointOf(path), decisions: new Map() };
      known.set(path, entry);
    }
    return entry;
  };
  return {
    scopeFor(method, path) {
      const { decisions } = about(path);
      let decision = decisions.get(method);
      if (!decision) {
        decision = policy.scopeFor(method, path);
        decisions.set(method, decision);
      }
      return decision;
    },
    endpointOf: (path) => about(path).endpoint,
  };
}
