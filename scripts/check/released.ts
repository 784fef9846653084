/**
 * Holds migrations, schemas of events and public names against every release that is recorded in releases/, and
 * CHANGELOG.md against the records: what was released is only added to. Protos have a check of their own.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageSchemas } from '@hokusai/contracts/messages';
import { type PublicNames, publicNames } from '../lib/public-names.ts';
import {
  type MigrationDigests,
  migrationDigests,
  type Release,
  readRecord,
  recordedReleases,
} from '../lib/releases.ts';
import { additionProblems, migrationProblems } from './released/migrations.ts';
import { nameProblems } from './released/names.ts';
import { type Json, schemaProblems } from './released/schemas.ts';

const root = join(import.meta.dirname, '..', '..');
const releases = await recordedReleases(root);
const present = publicNames();
const migrations = await migrationDigests(root);
// As it would be written: without members that are undefined.
const schemas: Record<string, Json> = JSON.parse(JSON.stringify(messageSchemas()));

const problems = [
  ...(await versionProblems()),
  ...(await newMigrationProblems()),
  ...(await Promise.all(releases.map(problemsWith))).flat(),
];
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(
    'Add a migration, a field that need not be there, a new subject or name, rather than change what others have.',
  );
  process.exitCode = 1;
} else {
  const names = releases.map(({ version }) => version).join(', ');
  console.log(
    `${Object.keys(migrations).length} migrations, ${Object.keys(schemas).length} kinds of messages and ${present.names.length} names go on from ${names}`,
  );
}

/** Each version that the changelog tells of is recorded, and no other. */
async function versionProblems(): Promise<string[]> {
  const changelog = await readFile(join(root, 'CHANGELOG.md'), 'utf8');
  const told = [...changelog.matchAll(/^## (\d+\.\d+\.\d+)/gm)].map(([, version]) => version ?? '');
  const recorded = releases.map(({ version }) => version);
  return [
    ...told
      .filter((version) => !recorded.includes(version))
      .map((version) => `release-not-recorded: ${version} stands in CHANGELOG.md; run scripts/release.ts`),
    ...recorded
      .filter((version) => !told.includes(version))
      .map((version) => `release-not-told: ${version} is not in CHANGELOG.md`),
  ];
}

/** Of those that no release has. */
async function newMigrationProblems(): Promise<string[]> {
  const digests = releases.map((release) => readRecord<MigrationDigests>(root, release, 'migrations'));
  const released = new Set((await Promise.all(digests)).flatMap(Object.keys));
  const versions = releases.map(({ version }) => version);
  const added = Object.keys(migrations).filter((path) => !released.has(path));
  const found = added.map(async (path) =>
    additionProblems(path, await readFile(join(root, path), 'utf8'), versions),
  );
  return (await Promise.all(found)).flat();
}

async function problemsWith(release: Release): Promise<string[]> {
  const digests = await readRecord<MigrationDigests>(root, release, 'migrations');
  const events = await readRecord<{ schemas: Record<string, Json> }>(root, release, 'events');
  const found = [
    ...migrationProblems(digests, migrations),
    ...nameProblems(await readRecord<PublicNames>(root, release, 'names'), present),
    ...Object.entries(events.schemas).flatMap(([subjects, schema]) =>
      schemaProblems(schema, schemas[subjects]).map((problem) => `event-changed: ${subjects}: ${problem}`),
    ),
  ];
  return found.map((problem) => `${problem} (since ${release.version})`);
}
