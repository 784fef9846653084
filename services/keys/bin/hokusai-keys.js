#!/usr/bin/env node
// hokusai-keys <command> [options]: what is done on the keys host itself.
//
// The commands are TypeScript and need Node 24: where the running one is older, the one that npm installed
// with the service takes over.
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const REQUIRED_MAJOR = 24;
const COMMANDS = { 'bootstrap-admin': 'makes another admin key when all are lost' };

const [command, ...args] = process.argv.slice(2);
if (command === undefined || !Object.hasOwn(COMMANDS, command)) {
  const lines = Object.entries(COMMANDS).map(([name, purpose]) => `  ${name}    ${purpose}`);
  const isHelp = command === '--help' || command === '-h' || command === 'help';
  const out = isHelp ? process.stdout : process.stderr;
  out.write(`usage: hokusai-keys <command> [--help]\n\n${lines.join('\n')}\n`);
  process.exit(isHelp ? 0 : 64);
}
const entry = fileURLToPath(new URL(`../src/${command}.ts`, import.meta.url));
const { status, error } = spawnSync(node24(), [entry, ...args], { stdio: 'inherit' });
if (error) process.stderr.write(`hokusai-keys: ${error.message}\n`);
process.exit(status ?? 1);

function node24() {
  if (Number(process.versions.node.split('.')[0]) >= REQUIRED_MAJOR) return process.execPath;
  const target = `${process.platform}-${process.arch}`;
  for (const name of [`node-${target}`, `node-bin-${target}`]) {
    try {
      return createRequire(import.meta.url).resolve(`${name}/bin/node`);
    } catch {
      // Not installed: perhaps the other one is.
    }
  }
  process.stderr.write(
    `hokusai-keys: needs Node ${REQUIRED_MAJOR} or later, this is ${process.versions.node}: install it and try again\n`,
  );
  process.exit(1);
}
