// Builds dist/, or the folder after --outDir: this package, and beside it the one that verifies the audit log, which
// is not published by itself. In the checkout that one is found by its name, in the build by its place.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { outDir: { type: 'string', default: 'dist' } } });
const compile = ['-p', 'tsconfig.build.json', '--outDir', values.outDir];
const { status } = spawnSync('tsc', compile, { cwd: import.meta.dirname, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

const door = resolve(import.meta.dirname, values.outDir, 'cli/src/audit-chain.js');
const built = readFileSync(door, 'utf8');
const linked = built.replace("'@hokusai/audit-chain'", "'../../audit-chain/src/index.js'");
if (linked === built) throw new Error(`${door} does not import the package that it is to bring along`);
writeFileSync(door, linked);
