/**
 * Makes the archives of the published packages, as `npm publish` and `npm install` take them.
 *
 *     npm run pack                                   into dist/
 *     npm run pack -- --to /tmp/archives packages/sdk
 *
 * Builds them itself and leaves no part of that to scripts of npm's, which `.npmrc` has it ignore. Prints the paths.
 */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { pack } from './pack/pack.ts';
import { findPublished } from './pack/published.ts';

const root = join(import.meta.dirname, '..');
const { values, positionals } = parseArgs({
  options: { to: { type: 'string', default: join(root, 'dist') } },
  allowPositionals: true,
});
const published = findPublished(positionals);
const target = resolve(values.to);
mkdirSync(target, { recursive: true });
for (const each of published) console.log(pack(root, each, target));
