/** What is recorded of each release, in `releases/<version>/`: see scripts/release.ts. */
import { createHash } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

export interface Release {
  version: string;
  /** Relative to the checkout. */
  folder: string;
}

/** Files of a release's folder. */
export const RECORDS = {
  protos: 'protos.json',
  events: 'events.json',
  migrations: 'migrations.json',
  names: 'names.json',
};

/** The oldest first. */
export async function recordedReleases(root: string): Promise<Release[]> {
  const folders = await Array.fromAsync(glob('releases/*.*.*', { cwd: root }));
  const releases = folders.map((folder) => ({ version: basename(folder), folder }));
  return releases.toSorted((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
}

/** A record of one release. */
export async function readRecord<Content>(
  root: string,
  release: Release,
  name: keyof typeof RECORDS,
): Promise<Content> {
  return JSON.parse(await readFile(join(root, release.folder, RECORDS[name]), 'utf8'));
}

/** SHA-256 of each migration, in hexadecimal, by its path. */
export type MigrationDigests = Readonly<Record<string, string>>;

/** Of all migrations of a checkout, in the order of their paths. */
export async function migrationDigests(root: string): Promise<MigrationDigests> {
  const paths = await Array.fromAsync(glob('services/*/migrations/*.sql', { cwd: root }));
  const digests = paths.toSorted().map(async (path) => {
    const content = await readFile(join(root, path));
    return [path, createHash('sha256').update(content).digest('hex')] as const;
  });
  return Object.fromEntries(await Promise.all(digests));
}
