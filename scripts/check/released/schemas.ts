/**
 * Schemas of messages only grow. Old readers refuse what their schema refuses, and new readers have to take what old
 * writers sent; so a member may be added that need not be there, and nothing else may change.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Members = { readonly [name: string]: Json };

/** They tell people something, and decide nothing. */
const ANNOTATIONS = new Set(['description', 'title', 'examples']);

/** Where `present` does not take just the messages that `released` takes, apart from members that were added. */
export function schemaProblems(released: Json | undefined, present: Json | undefined, path = ''): string[] {
  if (!isObject(released) || !isObject(present)) {
    return isSame(released, present) ? [] : [`${path || 'all of it'} has changed`];
  }
  const names = new Set([...Object.keys(released), ...Object.keys(present)]);
  return [...names]
    .filter((name) => !ANNOTATIONS.has(name) && name !== 'properties')
    .flatMap((name) => schemaProblems(released[name], present[name], join(path, name)))
    .concat(memberProblems(released['properties'], present['properties'], path));
}

/** Names of members are not words of the schema: one may be called `description`. */
function memberProblems(released: Json = {}, present: Json = {}, path: string): string[] {
  return Object.entries(released as Members).flatMap(([name, schema]) => {
    const added = (present as Members)[name];
    const where = join(path, name);
    return added === undefined ? [`${where} was removed`] : schemaProblems(schema, added, where);
  });
}

/** Alternatives are compared one by one, so that members may be added within them. */
function isSame(released: Json | undefined, present: Json | undefined): boolean {
  if (!Array.isArray(released) || !Array.isArray(present)) return released === present;
  const pairs = released.map((item, index) => schemaProblems(item, present[index]));
  return released.length === present.length && pairs.every((problems) => problems.length === 0);
}

function isObject(value: Json | undefined): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
