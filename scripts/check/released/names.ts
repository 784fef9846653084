/** Public names of a release stay, and nobody who used them has to say more. */
import type { PublicNames } from '../../lib/public-names.ts';

/** What breaks those who were made for a release; each line begins with the rule. */
export function nameProblems(released: PublicNames, present: PublicNames): string[] {
  const known = new Set(released.names);
  const asked = new Set(released.required);
  const there = new Set(present.names);
  return [
    ...released.names.filter((name) => !there.has(name)).map((name) => `name-removed: ${name}`),
    ...present.required
      .filter((name) => !asked.has(name) && known.has(operationOf(name)))
      .map((name) => `newly-required: ${name}`),
  ];
}

/** `POST /api/v1/users` of `POST /api/v1/users takes name`. */
function operationOf(name: string): string {
  return name.split(' ').slice(0, 2).join(' ');
}
