// Copies what a workspace runs: its dependencies, and of our own packages just those that it needs.
//     node gather.mjs <destination> <workspace>...
import { cpSync, lstatSync, mkdirSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const [destination, ...workspaces] = process.argv.slice(2);
const root = process.cwd();

const scope = join('node_modules', '@hokusai');
const needed = existing(scope)
  .map((name) => relative(root, realpathSync(join(scope, name))))
  .filter((folder) => folder.startsWith('packages'));
for (const folder of new Set([...workspaces, ...needed])) {
  copy(join(folder, 'package.json'));
  for (const part of ['src', 'migrations', 'locks', 'node_modules']) copy(join(folder, part));
}
for (const part of ['package.json', 'node_modules', 'protos']) copy(part);

function copy(path) {
  if (!lstatSync(path, { throwIfNoEntry: false })) return;
  const target = join(destination, path);
  mkdirSync(dirname(target), { recursive: true });
  // Links stay links: npm's lead from node_modules to our packages.
  cpSync(path, target, { recursive: true, verbatimSymlinks: true });
}

function existing(folder) {
  return lstatSync(folder, { throwIfNoEntry: false }) ? readdirSync(folder) : [];
}
