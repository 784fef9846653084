import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { moveLinks } from './links.ts';
import { type Manifest, publishedManifest, targetsOf } from './manifest.ts';
import { type Published, pagesOf } from './published.ts';

/**
 * Builds a package, gathers what belongs to it, and packs that; the checkout stays as it is.
 *
 * @param target folder for the archive
 * @returns path of the archive
 */
export function pack(root: string, published: Published, target: string): string {
  const stage = mkdtempSync(join(tmpdir(), 'hokusai-pack-'));
  try {
    const home = join(root, published.folder);
    npm(['run', 'build', '--silent', '--', '--outDir', join(stage, 'dist')], home);
    for (const part of published.parts) cpSync(join(home, part), join(stage, part), { recursive: true });
    cpSync(join(root, 'LICENSE'), join(stage, 'LICENSE'));
    writePages(root, published, stage);
    const manifest = publishedManifest(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')));
    writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    checkTargets(manifest, stage);
    const archive = npm(['pack', '--silent', '--ignore-scripts', '--pack-destination', target], stage);
    return join(target, archive.trim());
  } finally {
    rmSync(stage, { recursive: true });
  }
}

/** Throws where the manifest leads to a file that is not there: npm packs what is there, and says nothing. */
export function checkTargets(manifest: Manifest, stage: string): void {
  const missing = targetsOf(manifest).filter((path) => !existsSync(join(stage, path)));
  if (missing.length > 0)
    throw new Error(`${manifest.name} can't be packed: its build has not made ${missing.join(', ')}.`);
}

function writePages(root: string, published: Published, stage: string): void {
  const pages = pagesOf(published, root);
  const places = new Map([...pages].map(([place, page]) => [page, place]));
  for (const [place, page] of pages) {
    mkdirSync(dirname(join(stage, place)), { recursive: true });
    writeFileSync(join(stage, place), moveLinks(readFileSync(join(root, page), 'utf8'), page, places));
  }
}

function npm(args: readonly string[], cwd: string): string {
  const { status, stdout } = spawnSync('npm', args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`npm ${args[0]} ended with ${status}:\n${stdout}`);
  return stdout.toString();
}
