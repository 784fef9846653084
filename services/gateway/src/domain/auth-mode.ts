/**
 * Whether refusals are made, or observed only: for moving clients of an open server to keys, one after the other, while
 * everybody goes on working.
 */
import type { HokusaiError } from '@hokusai/contracts/errors';

export const AUTH_MODES = ['enforce', 'observe'] as const;
export type AuthMode = (typeof AUTH_MODES)[number];

/** Refusals that are no matter of keys, and stay: for pages of other sites, and for what is switched off for all. */
const STAYING: ReadonlySet<string | undefined> = new Set(['foreign_origin', 'route_switched_off']);
/** About keys, though their codes say no more than that a request is wrong. */
const ABOUT_KEYS: ReadonlySet<string | undefined> = new Set(['several_keys']);

/** Whether a gateway that observes makes a refusal of this reason all the same. */
export function isRefusedAnyway(reason: string | undefined): boolean {
  return STAYING.has(reason);
}

/**
 * Whether a gateway that observes serves a request in spite of this error, thrown while it was found out who asks and
 * whether they may: no key, a wrong or expired one, a missing scope, a limit, or nobody there to ask about the key.
 */
export function isObservedOnly({ code, reason }: HokusaiError): boolean {
  if (isRefusedAnyway(reason)) return false;
  return code !== 'internal' && (code !== 'invalid_request' || ABOUT_KEYS.has(reason));
}
