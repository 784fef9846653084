/**
 * Applies the import rules of .dependency-cruiser.mjs, and makes sure that they were applied to every
 * source file: without a compiler that it can use, dependency-cruiser skips TypeScript and finds no fault.
 */
import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import type { ICruiseResult } from 'dependency-cruiser';
import { captureNode } from '../lib/capture.ts';

const FOLDERS = ['packages', 'services', 'scripts', 'test', 'bench'];
const root = join(import.meta.dirname, '..', '..');

const { modules, summary } = await cruise();
const seen = new Set(modules.map((module) => module.source));
const unseen = (await sources()).filter((path) => !seen.has(path));
for (const { rule, from, to } of summary.violations) {
  const comment = summary.ruleSetUsed?.forbidden?.find(({ name }) => name === rule.name)?.comment;
  console.error(`${rule.name}: ${from} → ${to}${comment ? `\n    ${comment}` : ''}`);
}
for (const path of unseen)
  console.error(`not-checked: ${path}\n    dependency-cruiser did not read this file.`);
if (seen.size === 0) console.error('not-checked: no source file was found at all');
console.log(`${modules.length} modules, ${summary.totalDependenciesCruised} dependencies`);
process.exitCode = summary.violations.length + unseen.length > 0 || seen.size === 0 ? 1 : 0;

async function cruise(): Promise<ICruiseResult> {
  const tool = 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs';
  const present = await Array.fromAsync(glob(FOLDERS, { cwd: root }));
  const { output } = await captureNode([tool, '--output-type', 'json', ...present.sort()], { cwd: root });
  if (!output.startsWith('{')) throw new Error(`dependency-cruiser gave no result:\n${output}`);
  return JSON.parse(output);
}

async function sources(): Promise<string[]> {
  const patterns = FOLDERS.map((folder) => `${folder}/**/*.ts`);
  const exclude = (path: string) => /(^|\/)(node_modules|dist)$/.test(path);
  const paths = await Array.fromAsync(glob(patterns, { cwd: root, exclude }));
  // A declaration beside a script is read through the script.
  return paths.filter((path) => !path.endsWith('.d.ts'));
}
