/** A search for the secrets of API keys, in whatever form they may have been left. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Dump } from '@hokusai/testing';

/** Where the secret part of a key begins: after the prefix, which is public. */
const SECRET_START = 20;
/** Its first half: what was cut off somewhere must not be enough to go on with. */
const NEEDLE_LENGTH = 16;

interface Needle {
  /** Public prefix of the key. */
  prefix: string;
  form: string;
  text: string;
}

/** The forms in which a key would be recognised: as it is, and encoded, alone or as a part of something longer. */
export function needlesOf(key: string): Needle[] {
  const prefix = key.slice(0, SECRET_START);
  const secret = key.slice(SECRET_START, SECRET_START + NEEDLE_LENGTH);
  const hex = Buffer.from(secret).toString('hex');
  const base64 = [0, 1, 2].flatMap((shift) => [
    withinBase64(secret, shift, 'base64'),
    withinBase64(secret, shift, 'base64url'),
  ]);
  return [
    { prefix, form: 'plain', text: secret },
    { prefix, form: 'hex', text: hex },
    { prefix, form: 'hex', text: hex.toUpperCase() },
    ...[...new Set(base64)].map((text) => ({ prefix, form: 'base64', text })),
  ];
}

/** What the text looks like in the encoding of something longer, which it begins in at this place of three. */
function withinBase64(text: string, shift: number, encoding: 'base64' | 'base64url'): string {
  const encoded = Buffer.from(`${'x'.repeat(shift)}${text}`)
    .toString(encoding)
    .replace(/=+$/, '');
  // The characters at the edges depend on what stands before and after.
  const isWhole = (shift + text.length) % 3 === 0;
  return encoded.slice(shift === 0 ? 0 : shift + 1, isWhole ? undefined : -1);
}

/** The places in which one of the needles was found, as `place: prefix form`. */
export function findIn(dump: Dump, needles: readonly Needle[]): string[] {
  return [...dump].flatMap(([place, text]) => foundIn(place, Buffer.from(text, 'utf8'), needles));
}

/** The same for all files of a folder but those that are named, or lie in a folder of it that is. */
export async function findInFiles(
  folder: string,
  needles: readonly Needle[],
  except: readonly string[],
): Promise<{ files: number; found: string[] }> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !except.some((name) => path === name || path.startsWith(`${name}/`)));
  const found: string[] = [];
  for (const path of await withAnyOf(folder, paths, needles))
    found.push(...(await findInFile(folder, path, needles)));
  return { files: paths.length, found };
}

/** Those of the files in which one of the needles stands: grep looks for all of them at once. */
async function withAnyOf(
  folder: string,
  paths: readonly string[],
  needles: readonly Needle[],
): Promise<string[]> {
  const listed = [...new Set(paths.map((path) => path.split('/')[0] ?? ''))];
  const child = spawn('grep', ['-rlaF', '-f', '-', '--', ...listed], {
    cwd: folder,
    env: { ...process.env, LC_ALL: 'C' },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(needles.map(({ text }) => text).join('\n'));
  const [[code], output] = await Promise.all([once(child, 'close') as Promise<[number]>, text(child.stdout)]);
  // 1: in none.
  if (code > 1) throw new Error(`grep ended with exit code ${code}`);
  const wanted = new Set(paths);
  return output.split('\n').filter((path) => wanted.has(path));
}

/** Longer than any needle: one that two pieces of a file share is in the second one whole. */
const OVERLAP = 200;

async function findInFile(folder: string, path: string, needles: readonly Needle[]): Promise<string[]> {
  const found = new Set<string>();
  let tail = Buffer.alloc(0);
  for await (const piece of createReadStream(join(folder, path), { highWaterMark: 2 ** 22 })) {
    const bytes = Buffer.concat([tail, piece as Buffer]);
    for (const place of foundIn(path, bytes, needles)) found.add(place);
    tail = bytes.subarray(-OVERLAP);
  }
  return [...found];
}

function foundIn(place: string, bytes: Buffer, needles: readonly Needle[]): string[] {
  const found = needles.filter(({ text }) => bytes.includes(text));
  return found.map(({ prefix, form }) => `${place}: ${prefix} ${form}`);
}
