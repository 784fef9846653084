/**
 * Records what the version in package.json promises to those that come after it: its protos, the schemas of its
 * events with an example of each, the digests of its migrations and its public names, in releases/<version>/. `npm run check` holds
 * the sources against it from then on.
 *
 *     node scripts/run.js scripts/release.ts
 *
 * A record is made once, when the version is released, and never again: its files are no generated ones.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageExamples, messageSchemas } from '@hokusai/contracts/messages';
import { captureNode } from './lib/capture.ts';
import { publicNames } from './lib/public-names.ts';
import { migrationDigests, RECORDS } from './lib/releases.ts';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const folder = join('releases', version);
if (existsSync(join(root, folder))) {
  console.error(`${folder} is there: give package.json the version of the release that comes.`);
  process.exitCode = 1;
} else {
  await mkdir(join(root, folder), { recursive: true });
  await writeJson(RECORDS.migrations, await migrationDigests(root));
  await writeJson(RECORDS.events, { schemas: messageSchemas(), examples: messageExamples() });
  await writeJson(RECORDS.names, publicNames());
  await writeProtos();
  console.log(`recorded ${folder}`);
}

async function writeJson(name: string, content: unknown): Promise<void> {
  await writeFile(join(root, folder, name), `${JSON.stringify(content, undefined, 2)}\n`);
}

/** As descriptors, which buf compares with. */
async function writeProtos(): Promise<void> {
  const path = join(folder, RECORDS.protos);
  const args = ['node_modules/@bufbuild/buf/bin/buf', 'build', '--exclude-source-info', '--output', path];
  const { exitCode, output } = await captureNode(args, { cwd: root });
  if (exitCode !== 0) throw new Error(`protos/ can't be compiled:\n${output}`);
}
