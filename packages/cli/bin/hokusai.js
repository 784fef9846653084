#!/usr/bin/env node
// The `hokusai` command, on a Node that can run it.
//
// In a checkout of the repository it runs src/main.ts, which takes Node 24 and the export condition `source`;
// as a published package dist/main.js, which takes Node 20. If the running Node is too old, the one that npm
// installed beside us as an optional package is used instead.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FORWARDED_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
const CONFIGURATION_EXIT_CODE = 3;
const SOURCE_FLAGS = ['--conditions=source', '--disable-warning=ExperimentalWarning'];

const script = fileURLToPath(import.meta.url);
const isCheckout = existsSync(join(dirname(script), '..', 'src', 'main.ts'));
const requiredMajor = isCheckout ? 24 : 20;
const isNewEnough = Number(process.versions.node.split('.')[0]) >= requiredMajor;
const hasFlags = !isCheckout || SOURCE_FLAGS.every((flag) => process.execArgv.includes(flag));

if (isNewEnough && hasFlags) await import('@hokusai/cli/main');
else runOn(isNewEnough ? process.execPath : findBundledNode(dirname(script)));

/**
 * The Node of the packages node-<platform>-<architecture>, in the nearest node_modules that has one.
 *
 * @param {string} folder where to begin
 * @returns {string | undefined} path of the executable
 */
function findBundledNode(folder) {
  const target = `${process.platform}-${process.arch}`;
  const candidates = [`node-${target}`, `node-bin-${target}`].map((name) =>
    join(folder, 'node_modules', name, 'bin', 'node'),
  );
  const found = candidates.find((path) => existsSync(path));
  const parent = dirname(folder);
  return found ?? (parent === folder ? undefined : findBundledNode(parent));
}

/** @param {string | undefined} node */
function runOn(node) {
  if (node === undefined || node === process.env.HOKUSAI_NODE) {
    fail(`Node ${requiredMajor} or newer is needed, and this one is ${process.versions.node}. Install it.`);
    return;
  }
  const args = [...(isCheckout ? SOURCE_FLAGS : []), script, ...process.argv.slice(2)];
  // The variable ends a circle, should the other Node be too old as well.
  const env = isNewEnough ? process.env : { ...process.env, HOKUSAI_NODE: node };
  const child = spawn(node, args, { stdio: 'inherit', env });
  for (const signal of FORWARDED_SIGNALS) process.on(signal, () => forward(child, signal));
  child.once('error', (error) => fail(`${node} could not be started: ${error.message}`));
  child.once('exit', endLike);
}

/**
 * A Ctrl-C on a terminal reaches every process in the foreground by itself.
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

/** @param {string} message */
function fail(message) {
  console.error(`hokusai: ${message}`);
  process.exitCode = CONFIGURATION_EXIT_CODE;
}
