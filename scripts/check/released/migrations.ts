/** Migrations are append-only: a database that has run one of a release is never told of another under its name. */
import { dirname } from 'node:path';
import type { MigrationDigests } from '../../lib/releases.ts';

/** What of the migrations that there are breaks with those of a release; each line begins with the rule. */
export function migrationProblems(released: MigrationDigests, present: MigrationDigests): string[] {
  return [
    ...Object.entries(released).flatMap(([path, digest]) => {
      if (present[path] === undefined) return [`migration-removed: ${path}`];
      return present[path] === digest ? [] : [`migration-changed: ${path}`];
    }),
    ...Object.keys(present)
      .filter((path) => released[path] === undefined && !isAfter(path, Object.keys(released)))
      .map((path) => `migration-out-of-order: ${path} comes before one that was released`),
  ];
}

/** Whether it comes after all of these of its folder: they run in the order of their names. */
function isAfter(path: string, others: readonly string[]): boolean {
  return others.every((other) => dirname(other) !== dirname(path) || other < path);
}

/** What a service of the release before can't do without, or does not know that it has to give. */
const NOT_ADDITIVE = [
  /\bdrop\s+(table|column|view|function|type|schema)\b/,
  /\brename\b/,
  /\balter\s+column\s+\S+\s+(set\s+data\s+)?type\b/,
  /\bset\s+not\s+null\b/,
  /\badd\s+(column\s+)?(?!constraint\b)\S+\s+(?![^,;]*\b(default|generated)\b)[^,;]*\bnot\s+null\b/,
];
const ALLOWANCE = /^-- Without a reader since (\d+\.\d+\.\d+)\b/m;

/**
 * Why the release before does not work on the schema after a new migration; empty: by its words it does. What is
 * taken away has to be without a reader since one of `versions`, which are released, and to say so.
 */
export function additionProblems(path: string, sql: string, versions: readonly string[]): string[] {
  const [up = ''] = sql.split(/^-- Down Migration/m);
  if (versions.includes(ALLOWANCE.exec(up)?.[1] ?? '')) return [];
  const words = up.replaceAll(/--.*$/gm, '').toLowerCase();
  return NOT_ADDITIVE.flatMap((pattern) => {
    const found = pattern.exec(words)?.[0].replaceAll(/\s+/g, ' ');
    return found === undefined ? [] : [`migration-not-additive: ${path}: ${found}`];
  });
}
