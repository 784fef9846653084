/** What a table of rules says about a request. */
import type { Scope } from '@hokusai/contracts/scopes';
import type { CanonicalPath } from './canonical-path.ts';

export type RouteDecision =
  | { readonly kind: 'public' }
  | { readonly kind: 'scope'; readonly scope: Scope }
  | RouteRefusal;

export interface RouteRefusal {
  readonly kind: 'refused';
  /**
   * - `ambiguous` (400): an escape or a `;` where the upstream could read another route.
   * - `unknown-method` (405)
   * - `unknown-route` (404)
   * - `switched-off` (403): the operator can allow it.
   */
  readonly reason: 'ambiguous' | 'unknown-method' | 'unknown-route' | 'switched-off';
  /** A sentence for the client. */
  readonly message: string;
}

export interface RoutePolicy {
  /** Who may do this. Never throws, whatever the method. */
  scopeFor(method: string, path: CanonicalPath): RouteDecision;
  /** The route's template, with names for ids and artifact paths, one of a bounded number: for statistics. */
  endpointOf(path: CanonicalPath): string;
}
