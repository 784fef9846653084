import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PLANTED, SERVICE } from './planted.ts';

const run = promisify(execFile);
const source = join(import.meta.dirname, '..', '..', '..');

const manifest = (name: string, more: object) =>
  JSON.stringify({ name: `@hokusai/${name}`, version: '0.1.0', type: 'module', ...more }, undefined, 2);

/** What the violations stand on: committed before they are planted. */
const SCAFFOLD: Record<string, string> = {
  [`${SERVICE}/package.json`]: manifest('planted', {
    dependencies: { undici: '8.0.0', pg: '^8.0.0' },
    devDependencies: { 'fast-check': '4.0.0' },
  }),
  [`${SERVICE}/src/main.ts`]: `import { used } from './used.ts';\n\nused();\n`,
  [`${SERVICE}/src/used.ts`]: `import 'lru-cache';\n\nexport const used = () => 1;\nexport const forgotten = 1;\n`,
  [`${SERVICE}/src/some.test.ts`]: `describe('planted', () => undefined);\n`,
  [`${SERVICE}/src/grpc/server.ts`]: 'export {};\n',
  'services/planted-other/package.json': manifest('planted-other', { exports: { '.': './src/main.ts' } }),
  'services/planted-other/src/main.ts': 'export {};\n',
};

export interface PlantedTree {
  root: string;
  remove(): Promise<void>;
}

/** A copy of this checkout, as it is now, with all violations planted in it. */
export async function plantTree(): Promise<PlantedTree> {
  const root = await mkdtemp(join(tmpdir(), 'hokusai-canaries-'));
  await copySources(root);
  await linkModules(root);
  await writeAll(root, SCAFFOLD);
  await commit(root);
  const files = PLANTED.flatMap(({ path, text }) => (text === undefined ? [] : [[path, text]]));
  await writeAll(root, Object.fromEntries(files));
  await spoilLock(join(root, 'package-lock.json'));
  await spoilReleased(root);
  return { root, remove: () => rm(root, { recursive: true }) };
}

async function copySources(root: string): Promise<void> {
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: source,
  });
  for (const path of stdout.split('\0').filter(Boolean)) {
    // A file that is deleted but not yet committed is listed too.
    await cp(join(source, path), join(root, path)).catch(() => undefined);
  }
}

/** Installed packages are shared with the checkout; the workspaces among them are those of the copy. */
async function linkModules(root: string): Promise<void> {
  const modules = join(root, 'node_modules');
  await mkdir(join(modules, '@hokusai'), { recursive: true });
  for (const name of await readdir(join(source, 'node_modules'))) {
    if (name !== '@hokusai') await symlink(join(source, 'node_modules', name), join(modules, name));
  }
  await cp(join(source, 'node_modules/@hokusai'), join(modules, '@hokusai'), {
    recursive: true,
    verbatimSymlinks: true,
  });
  await symlink('../../services/planted-other', join(modules, '@hokusai/planted-other'));
}

async function writeAll(root: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

async function commit(root: string): Promise<void> {
  const author = [
    '-c',
    'user.name=canary',
    '-c',
    'user.email=canary@localhost',
    '-c',
    'commit.gpgsign=false',
  ];
  await run('git', ['init', '--quiet'], { cwd: root });
  await run('git', ['add', '--all'], { cwd: root });
  await run('git', [...author, 'commit', '--quiet', '--no-verify', '--message', 'Before'], { cwd: root });
}

async function spoilLock(path: string): Promise<void> {
  const lock = JSON.parse(await readFile(path, 'utf8'));
  lock.packages['node_modules/planted-host'] = { version: '1.0.0', resolved: 'https://host.example/p.tgz' };
  lock.packages['node_modules/planted-script'] = { version: '1.0.0', hasInstallScript: true };
  lock.packages[SERVICE] = { dependencies: { undici: '8.0.0' } };
  await writeFile(path, JSON.stringify(lock));
}

/** Changes what a release has: a migration, the type of a field; and as if they had been others, an event and names. */
async function spoilReleased(root: string): Promise<void> {
  const edit = async (path: string, change: (text: string) => string) => {
    const text = await readFile(join(root, path), 'utf8');
    const changed = change(text);
    if (changed === text) throw new Error(`${path} has nothing of what is to be changed`);
    await writeFile(join(root, path), changed);
  };
  await edit('services/keys/migrations/0002_expiry.sql', (sql) => `${sql}\n-- Changed.\n`);
  await rm(join(root, 'services/usage/migrations/0002_ingest.sql'));
  await edit('CHANGELOG.md', (text) => `${text}\n## 9.9.9\n`);
  await edit('protos/hokusai/keys/v1/types.proto', (text) =>
    text.replace(/^ {2}string (\w+ = 1;)/m, '  bytes $1'),
  );
  await edit('releases/0.1.0/events.json', (text) => text.replace('"status_code": {', '"status": {'));
  await edit('releases/0.1.0/names.json', (text) =>
    text.replace('"error key_revoked"', '"error key_forgotten"'),
  );
  await edit('releases/0.1.0/names.json', (text) =>
    text.replace(/("required": \[[\s\S]*?)"GET \/api\/v1\/auth\/keys\/\{id\} path id",/, '$1'),
  );
}
