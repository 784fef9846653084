/** Rules on keys that are about the time, or about several fields together: those of the keys service. */
import type { Violation } from '@hokusai/contracts';
import { endProblem } from '@hokusai/contracts/fields';
import { SCOPES, type Scope, scopeProblem } from '@hokusai/contracts/scopes';
import { environment, instant } from '../fields.ts';
import type { Given } from '../operation.ts';

/** What breaks them in a body to create a key with, whatever else it is. */
export function wrongInCreation({ body }: Given, now: Date): Violation[] {
  return [...wrongEnd(body, now), ...wrongScopes(body)];
}

/** What breaks them in a body to change a key with. Of which environment the key is, it does not say. */
export function wrongInUpdate({ body }: Given, now: Date): Violation[] {
  return wrongEnd(body, now);
}

const end = instant('');

function wrongEnd(body: unknown, now: Date): Violation[] {
  const path = 'expires_at';
  const { data } = end.safeParse(fieldOf(body, path));
  const message = data === undefined ? undefined : endProblem(new Date(data), now);
  return message === undefined ? [] : [{ path, message }];
}

function wrongScopes(body: unknown): Violation[] {
  const scopes = fieldOf(body, 'scopes');
  const { data: kind } = environment.safeParse(fieldOf(body, 'environment'));
  if (!Array.isArray(scopes) || kind === undefined) return [];
  // Beyond so many, that they are too many is enough to know.
  return scopes.slice(0, SCOPES.length).flatMap((scope: Scope, index) => {
    const message = scopeProblem(scope, kind);
    return message === undefined ? [] : [{ path: `scopes[${index}]`, message }];
  });
}

function fieldOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, name)
    ? (body as Record<string, unknown>)[name]
    : undefined;
}
