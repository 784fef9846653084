import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { acquireFileLock } from '../packages/local-stack/src/os/file-lock.js';

/**
 * Makes node_modules match package-lock.json; does nothing when it does already.
 *
 * @param {string} root the checkout
 */
export async function installDependencies(root) {
  if (differences(root).length === 0) return;
  const release = await acquireFileLock(join(root, '.hokusai', 'npm-install.lock'), {
    onWait: (pid) => console.error(`Waiting for process ${pid}, which is installing the npm packages`),
  });
  try {
    // Whoever held the lock may have done the work.
    if (differences(root).length > 0) await install(root);
  } finally {
    release();
  }
}

/** @param {string} root */
async function install(root) {
  const isFirst = !existsSync(join(root, 'node_modules', '.package-lock.json'));
  console.error(`${isFirst ? 'Installing' : 'Updating'} the npm packages named in package-lock.json …`);
  // Not `npm ci`: it begins by removing everything, also under a stack that is running, and npm 12's refuses
  // a lock file in which optional packages for other platforms are missing. Both take the lock's versions and
  // hashes.
  await npm(root, ['install', '--no-save']);
  const remaining = differences(root);
  if (remaining.length > 0) {
    throw new Error(
      `npm left out or changed ${remaining.slice(0, 5).join(', ')}; remove node_modules and try again`,
    );
  }
}

/**
 * What npm recorded of the installed tree against what the lock asks for. Read from npm's own record
 * (node_modules/.package-lock.json), which it writes last: an install that was cut short has none, or an
 * old one.
 *
 * @param {string} root
 * @returns {string[]} paths of packages that are missing or of another version
 */
function differences(root) {
  const wanted = readPackages(join(root, 'package-lock.json'));
  const installedPath = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedPath)) return ['node_modules'];
  const installed = readPackages(installedPath);
  return Object.entries(wanted)
    .filter(([path, entry]) => path.includes('node_modules/') && !isSame(entry, installed[path]))
    .map(([path]) => path);
}

/**
 * An optional package may be absent (it is for another platform) but not of another version.
 *
 * @param {{ version?: string, integrity?: string, optional?: boolean }} wanted
 * @param {{ version?: string, integrity?: string } | undefined} installed
 */
function isSame(wanted, installed) {
  if (installed === undefined) return wanted.optional === true;
  return wanted.version === installed.version && wanted.integrity === installed.integrity;
}

/** @param {string} path */
function readPackages(path) {
  return JSON.parse(readFileSync(path, 'utf8')).packages;
}

/**
 * @param {string} root
 * @param {string[]} args
 */
async function npm(root, args) {
  const [command, ...first] = npmCommand();
  // Development tools and the bundled Node are asked for whatever NODE_ENV or the user's npmrc omits.
  const include = ['--include=dev', '--include=optional'];
  // Its warnings are about the Node that npm runs on; the packages run on the bundled one.
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  const all = [...first, ...args, ...include, ...quiet];
  // On stderr, so that what a script prints stays alone on stdout.
  const child = spawn(command, all, { cwd: root, stdio: ['ignore', 2, 2] });
  const status = await new Promise((resolve, reject) => {
    child.once('error', (cause) =>
      reject(new Error(`npm could not be started (${cause.message})`, { cause })),
    );
    child.once('exit', (code, signal) => resolve(signal ?? code));
  });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed (${status}); its messages stand above`);
}

/** The npm that runs us, else the one that came with the running Node, else the one on the PATH. */
function npmCommand() {
  const { npm_execpath: running } = process.env;
  if (running?.endsWith('npm-cli.js')) return [process.execPath, running];
  const onPath = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'npm'));
  return [[join(dirname(process.execPath), 'npm'), ...onPath].find((path) => existsSync(path)) ?? 'npm'];
}
