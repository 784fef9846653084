/**
 * Compares protos/ with the newest release that is recorded in releases/: what breaks a client or a server that was
 * built from that fails here. An intended break goes into a new package version (v2).
 */
import { join } from 'node:path';
import { captureNode } from '../lib/capture.ts';
import { RECORDS, recordedReleases } from '../lib/releases.ts';

const root = join(import.meta.dirname, '..', '..');
const newest = (await recordedReleases(root)).at(-1);
if (newest === undefined) throw new Error('no release is recorded in releases/');
const against = join(newest.folder, RECORDS.protos);
const args = ['node_modules/@bufbuild/buf/bin/buf', 'breaking', '--against', against];
const { exitCode, output } = await captureNode(args, { cwd: root });
console.log(output || `compared with ${newest.version}`);
process.exitCode = exitCode ?? 1;
