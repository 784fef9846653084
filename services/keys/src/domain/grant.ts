/**
 * What a key lets its holder do, as a set: these scopes, until then, from there. Whoever makes a key, loosens
 * it, or gets a secret of it by rotation hands that on, and may hand on only what they hold themself.
 */
import { type Block, contains, parseBlock } from '@hokusai/contracts/addresses';
import { effectiveScopes, SCOPES, type Scope } from '@hokusai/contracts/scopes';
import type { Environment, Key } from './key.ts';

export interface Grant {
  environment: Environment;
  /** `admin` spelled out. */
  scopes: readonly Scope[];
  /** null: for ever. */
  expiresAt: Date | null;
  /** CIDR blocks; empty: from anywhere. */
  allowedIps: readonly string[];
}

/** How a grant goes beyond another. */
export interface Excess {
  environment: boolean;
  scopes: readonly Scope[];
  expiry: boolean;
  /** CIDR blocks. */
  addresses: readonly string[];
}

/** Every address, for keys that work from anywhere. */
const ANYWHERE: readonly string[] = ['0.0.0.0/0', '::/0'];

/**
 * All that a key can come to grant by its own scopes. The owner's role is left out: a scope that it keeps
 * dormant awakes when the role changes.
 */
export function grantOf(key: Pick<Key, 'environment' | 'scopes' | 'expiresAt' | 'allowedIps'>): Grant {
  const { environment, expiresAt, allowedIps } = key;
  return { environment, scopes: effectiveScopes(key.scopes, 'admin'), expiresAt, allowedIps };
}

/** What `grant` has and `bounds` has not. */
export function excessOf(grant: Grant, bounds: Grant): Excess {
  return {
    environment: bounds.environment === 'test' && grant.environment === 'live',
    scopes: grant.scopes.filter((scope) => !bounds.scopes.includes(scope)),
    expiry: outlives(grant.expiresAt, bounds.expiresAt),
    addresses: blocksBeyond(grant.allowedIps, bounds.allowedIps),
  };
}

function isEmpty({ environment, scopes, expiry, addresses }: Excess): boolean {
  return !environment && scopes.length === 0 && !expiry && addresses.length === 0;
}

/**
 * What whoever changes a key from `before` to `after` hands on: the part of `after` that was not in
 * `before`, or null if there is none.
 *
 * A later end prolongs everything that the key may do, from everywhere: so all of it is handed on. A new
 * scope is handed on for all of the key's addresses, a new address for all of its scopes, both until the
 * key's end.
 */
export function gainOf(before: Grant, after: Grant): Grant | null {
  const excess = excessOf(after, before);
  if (isEmpty(excess)) return null;
  const hasNewAddresses = excess.addresses.length > 0;
  return {
    ...after,
    scopes: excess.expiry || hasNewAddresses ? after.scopes : excess.scopes,
    allowedIps: excess.expiry || excess.scopes.length > 0 ? after.allowedIps : excess.addresses,
  };
}

/** Of the blocks (none: anywhere) those that do not lie within one of `bounds` (none: anywhere). */
export function blocksBeyond(blocks: readonly string[], bounds: readonly string[]): string[] {
  const outer = blocksOf(bounds);
  return spelledOut(blocks).filter((text) => {
    const block = parseBlock(text);
    return typeof block === 'string' || !outer.some((bound) => contains(bound, block));
  });
}

/** True if what ends at `end` (null: never) ends after `bound`. */
export function outlives(end: Date | null, bound: Date | null): boolean {
  return bound !== null && (end === null || end > bound);
}

/** In their usual order. */
export function inOrder(scopes: readonly string[]): Scope[] {
  return SCOPES.filter((scope) => scopes.includes(scope));
}

function spelledOut(blocks: readonly string[]): readonly string[] {
  return blocks.length === 0 ? ANYWHERE : blocks;
}

function blocksOf(texts: readonly string[]): Block[] {
  return spelledOut(texts)
    .map(parseBlock)
    .filter((block) => typeof block !== 'string');
}
