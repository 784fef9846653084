/** Rules for fields of a key that hold when it is created as well as when it is changed. */

import { BLOCKS_LIMIT, format, parseBlock } from '@hokusai/contracts/addresses';
import type { ErrorReason } from '@hokusai/contracts/error-reasons';
import { endProblem } from '@hokusai/contracts/fields';
import { isScope, SCOPES, type Scope, scopeProblem } from '@hokusai/contracts/scopes';
import { inOrder } from './grant.ts';
import type { Environment, Owner } from './key.ts';
import type { Violations } from './violations.ts';

/** Why one value can't be taken: a message and, where it is a matter of authorisation, a code. */
export type Refusal = readonly [message: string, reason?: ErrorReason];

/**
 * Scopes in their usual order, each once.
 *
 * @param refusalOf what speaks against one of them
 * @param pathOf where it stands in the request
 */
export function checkScopes(
  requested: readonly string[],
  violations: Violations,
  refusalOf: (scope: Scope) => Refusal | undefined,
  pathOf = (index: number) => `scopes[${index}]`,
): Scope[] {
  if (requested.length === 0) violations.add('scopes', 'name at least one scope, or leave the field out');
  if (requested.length > SCOPES.length) violations.add('scopes', `expected at most ${SCOPES.length} scopes`);
  for (const [index, scope] of requested.slice(0, SCOPES.length).entries()) {
    const refusal = isScope(scope) ? refusalOf(scope) : ([`expected one of ${SCOPES.join(', ')}`] as const);
    if (refusal) violations.add(pathOf(index), ...refusal);
  }
  return inOrder(requested);
}

/** Who can't be given `admin`, whoever gives it. */
export function adminRefusal(environment: Environment, owner: Owner | undefined): Refusal | undefined {
  const problem = scopeProblem('admin', environment);
  if (problem) return [problem, 'admin_on_test_key'];
  if (owner?.role === 'member') return ["the owner's role does not allow admin", 'admin_for_member'];
  return undefined;
}

/**
 * CIDR blocks in their one form, each once.
 *
 * @param refusalOf what speaks against one of them, in that form
 */
export function checkBlocks(
  requested: readonly string[],
  violations: Violations,
  refusalOf: (block: string) => Refusal | undefined,
): string[] {
  if (requested.length > BLOCKS_LIMIT) {
    violations.add('allowed_ips', `expected at most ${BLOCKS_LIMIT} blocks, these are ${requested.length}`);
    return [];
  }
  const blocks = requested.map((text, index) => {
    const block = parseBlock(text);
    const readable = typeof block === 'string' ? undefined : format(block);
    const refusal = readable === undefined ? ([String(block)] as const) : refusalOf(readable);
    if (refusal) violations.add(`allowed_ips[${index}]`, ...refusal);
    return readable;
  });
  return [...new Set(blocks.filter((block) => block !== undefined))];
}

/** The latest end that the deployment allows to a key; null: none is too late. */
export function latestEnd(maxTtlMs: number | null, now: Date): Date | null {
  return maxTtlMs === null ? null : new Date(now.getTime() + maxTtlMs);
}

/** What is wrong with an end whoever asks for it, the deployment's bound apart. */
export function endRefusal(expiresAt: Date, now: Date): Refusal | undefined {
  const problem = endProblem(expiresAt, now);
  return problem === undefined ? undefined : [problem];
}

/** Checks that the owner may have one more working key. */
export function checkRoom(
  { role }: Owner,
  workingKeys: number,
  maxKeysPerUser: number,
  violations: Violations,
): void {
  if (role === 'admin' || workingKeys < maxKeysPerUser) return;
  const message = `this user has as many working keys as a member may have, ${maxKeysPerUser}: revoke one first`;
  violations.add('', message, 'too_many_keys');
}
