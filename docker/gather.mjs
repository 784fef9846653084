// Copies what workspaces run: of our own packages and of those that are installed just what they depend on. npm also
// installs what the tests of a workspace need, where that is a workspace itself.
//     node gather.mjs <destination> <workspace>...
import { cpSync, existsSync, lstatSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const [destination, ...workspaces] = process.argv.slice(2);
const root = process.cwd();
const taken = new Set();

for (const part of ['package.json', 'protos']) copy(part);
for (const workspace of workspaces) take(workspace);

/** A package and all that it depends on, by its folder. */
function take(folder) {
  if (taken.has(folder)) return;
  taken.add(folder);
  if (folder.includes('node_modules')) copy(folder);
  else for (const part of ['package.json', 'src', 'migrations', 'locks']) copy(join(folder, part));
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const optional = { ...manifest.peerDependencies, ...manifest.optionalDependencies };
  for (const name of Object.keys({ ...manifest.dependencies, ...optional })) {
    const found = find(folder, name);
    if (found !== undefined) takeFound(found);
    else if (!(name in optional)) throw new Error(`${folder} depends on ${name}, which is not installed`);
  }
}

/** Links stay links: npm's lead from node_modules to our packages. */
function takeFound(path) {
  if (!lstatSync(path).isSymbolicLink()) return take(path);
  if (!taken.has(path)) copy(path);
  taken.add(path);
  take(relative(root, realpathSync(path)));
}

/** Where Node finds a package from within a folder. */
function find(folder, name) {
  const path = join(folder, 'node_modules', name);
  if (existsSync(path)) return path;
  return folder === '.' ? undefined : find(dirname(folder), name);
}

/** Without the packages within, which are others. */
function copy(path) {
  if (!lstatSync(path, { throwIfNoEntry: false })) return;
  const target = join(destination, path);
  mkdirSync(dirname(target), { recursive: true });
  const within = join(path, 'node_modules');
  cpSync(path, target, { recursive: true, verbatimSymlinks: true, filter: (source) => source !== within });
}
