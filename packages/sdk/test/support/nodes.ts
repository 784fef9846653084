/** Every major version of Node.js that the SDK is for. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, '../../../../.hokusai/nodes');

/** To install where there is none of that version; the newest that is packed for every platform. */
const TO_INSTALL = { 20: '20.18.1', 22: '22.23.2' } as const;

/**
 * One of that major version: the running one, one on the PATH, or one that is installed once and kept, without anything
 * that runs at its installation.
 */
export async function nodeOf(major: 20 | 22 | 24): Promise<string> {
  for (const node of [process.execPath, ...onPath()]) if ((await versionOf(node)) === major) return node;
  if (major === 24) throw new Error('The tests run on Node 24, or with one on the PATH');
  return install(TO_INSTALL[major]);
}

function onPath(): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'node')).filter((path) => existsSync(path));
}

async function versionOf(node: string): Promise<number> {
  const { stdout } = await run(node, ['--version']);
  return Number(/^v(\d+)/.exec(stdout)?.[1]);
}

async function install(version: string): Promise<string> {
  const target = `${process.platform}-${process.arch}`;
  const name = target === 'darwin-arm64' ? `node-bin-${target}` : `node-${target}`;
  const home = join(CACHE, version);
  const node = join(home, 'node_modules', name, 'bin/node');
  if (existsSync(node)) return node;
  const building = `${home}.${process.pid}`;
  await mkdir(building, { recursive: true });
  await run('npm', ['install', '--prefix', building, '--ignore-scripts', '--no-audit', `${name}@${version}`]);
  await rm(home, { recursive: true, force: true });
  await rename(building, home);
  return node;
}
