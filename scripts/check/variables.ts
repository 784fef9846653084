/**
 * Whether every variable that a document or a file of a deployment names is read by some program, and whether every
 * variable that is read is explained. Names are what looks like one: capitals and digits with an underscore within.
 *
 *     node scripts/check/variables.ts [file…]      all tracked documents and deployment files by default
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FOREIGN, OTHER_NAMES } from '../configuration/foreign.ts';
import { PROGRAMS } from '../configuration/programs.ts';

const root = join(import.meta.dirname, '../..');
const NAME = /(?<![A-Za-z0-9_$%{/-])[A-Z][A-Z0-9_]*(?![A-Za-z0-9_…-])/g;
/** A whole family of variables, written as `KEYS_GRPC_TLS_…`: at least one begins like that. */
const FAMILY = /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?=…)/g;

const PATTERNS = ['*.md', 'compose*.yaml', 'Dockerfile', 'deploy/**', 'docker/**'];

const read = PROGRAMS.flatMap(({ variables, takesFiles }) =>
  variables.flatMap(({ name }) => (takesFiles ? [name, `${name}_FILE`] : [name])),
);
const known = new Set([...read, ...Object.keys(FOREIGN), ...OTHER_NAMES]);

const given = process.argv.slice(2);
const files = given.length > 0 ? given : tracked();
const unknown = files.flatMap((file) => unknownIn(file).map((name) => `${file}: ${name}`));
const unexplained = PROGRAMS.flatMap(({ title, variables }) =>
  variables.filter(({ purpose }) => purpose === '').map(({ name }) => `${title}: ${name}`),
);

for (const line of unknown) console.error(line);
if (unknown.length > 0) {
  console.error(
    'No program reads these. Where a name is right, describe it where it is read, or in scripts/configuration.',
  );
}
for (const line of unexplained) console.error(`${line} has no description: give it one by about().`);
if (unknown.length + unexplained.length > 0) {
  process.exitCode = 1;
} else {
  console.log(`${files.length} files name ${known.size} variables and other names`);
}

function tracked(): string[] {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...PATTERNS];
  const output = execFileSync('git', list, { cwd: root, encoding: 'utf8' });
  return output.split('\n').filter((line) => line !== '' && existsSync(join(root, line)));
}

function unknownIn(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8').replaceAll('<SERVICE>', 'KEYS');
  const families = (text.match(FAMILY) ?? []).filter(
    (begin) => ![...known].some((name) => name.startsWith(begin)),
  );
  // Arguments of a Dockerfile are its own.
  const own = new Set([...text.matchAll(/^ARG ([A-Z0-9_]+)/gm)].map(([, name]) => name));
  const names = (text.match(NAME) ?? []).filter(
    (name) => /^[A-Z0-9]+(_[A-Z0-9]+)+$/.test(name) && !known.has(name) && !own.has(name),
  );
  return [...new Set([...names, ...families])].sort();
}
