import type { Violations } from './violations.ts';

/** The fields that an update is to change, of those that it may change. */
export function checkMask<Field extends string>(
  paths: readonly string[],
  fields: readonly Field[],
  violations: Violations,
): ReadonlySet<Field> {
  const named = fields.filter((field) => paths.includes(field));
  if (paths.length === 0) violations.add('update_mask', `name at least one of ${fields.join(', ')}`);
  else if (!paths.every((path) => fields.some((field) => field === path))) {
    violations.add('update_mask', `only these can be changed: ${fields.join(', ')}`);
  }
  return new Set(named);
}
