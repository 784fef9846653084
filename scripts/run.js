// node scripts/run.js <entry> [arguments]
//
// Runs a TypeScript (or JavaScript) file of this checkout on Node 24, from any Node since 20 and from a
// fresh clone: installs the npm packages first when they are missing or not those of package-lock.json,
// passes signals on, and ends as the entry ends. <entry> is relative to the checkout.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDependencies } from './install.js';
import { findNode24, REQUIRED_MAJOR } from './node24.js';

const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2'];
const root = dirname(dirname(fileURLToPath(import.meta.url)));

try {
  const [entry, ...args] = process.argv.slice(2);
  if (entry === undefined) throw new Error('usage: node scripts/run.js <entry> [arguments]');
  await installDependencies(root);
  const script = resolve(root, entry);
  if (!existsSync(script)) throw new Error(`there is no ${script}`);
  runAs(requireNode24(), script, args);
} catch (error) {
  console.error(`hokusai: ${error.message}`);
  process.exitCode = 1;
}

function requireNode24() {
  const node = findNode24(root);
  if (node !== undefined) return node;
  throw new Error(
    `no Node ${REQUIRED_MAJOR} for ${process.platform}-${process.arch} could be installed, and the running ` +
      `one is ${process.versions.node}; install Node ${REQUIRED_MAJOR} or later and try again`,
  );
}

/**
 * @param {string} node
 * @param {string} script
 * @param {string[]} args
 */
function runAs(node, script, args) {
  // What the script starts by the name `node` is to be the same one.
  const PATH = [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter);
  // Published packages are reached by their sources: in a fresh clone they are not built.
  const flags = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
  const child = spawn(node, [...flags, script, ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH },
  });
  for (const signal of FORWARDED_SIGNALS) process.on(signal, () => forward(child, signal));
  child.once('error', (error) => {
    console.error(`hokusai: ${node} could not be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => endLike(code, signal));
}

/**
 * A Ctrl-C on a terminal reaches every process in the foreground by itself: sent on as well, the child
 * would take it for two.
 *
 * @param {import('node:child_process').ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function forward(child, signal) {
  const isFromTerminal = signal === 'SIGINT' || signal === 'SIGQUIT';
  if (!(isFromTerminal && process.stdin.isTTY)) child.kill(signal);
}

/**
 * @param {number | null} code
 * @param {NodeJS.Signals | null} signal
 */
function endLike(code, signal) {
  if (signal === null) {
    process.exitCode = code ?? 1;
    return;
  }
  for (const forwarded of FORWARDED_SIGNALS) process.removeAllListeners(forwarded);
  process.kill(process.pid, signal);
}
