/**
 * Checks package-lock.json: it names no host, agrees with the manifests, pins exact versions, and nothing
 * in it needs an install script (npm 12 runs none).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Packages with an install script that work without it, and why. */
const SCRIPT_NOT_NEEDED: Record<string, string> = {
  '@bufbuild/buf': 'it only tests that the binary, an optional dependency, is there',
  argon2: 'prebuilt binaries are in the package',
  'cpu-features': 'optional helper of ssh2, which does without',
  protobufjs: 'it only warns about version schemes',
  ssh2: 'it builds an optional accelerator; the JavaScript is complete',
};

interface Manifest {
  version?: string;
  link?: boolean;
  resolved?: string;
  hasInstallScript?: boolean;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}

const root = join(import.meta.dirname, '..', '..');
const packages: Record<string, Manifest> = (await readJson('package-lock.json')).packages;
const workspaces = Object.keys(packages).filter((path) => !path.includes('node_modules/'));
const problems = [
  ...Object.entries(packages).flatMap(([path, entry]) => [
    ...hostProblems(path, entry),
    ...scriptProblems(path, entry),
  ]),
  ...(await Promise.all(workspaces.map(manifestProblems))).flat(),
];
for (const problem of problems) console.error(problem);
console.log(`${Object.keys(packages).length} packages`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function readJson(path: string) {
  return JSON.parse(await readFile(join(root, path), 'utf8'));
}

function hostProblems(path: string, { resolved, link }: Manifest): string[] {
  if (resolved === undefined || link) return [];
  return [`lock-names-host: ${path} is locked to ${resolved}; run \`npm install\` with this folder's .npmrc`];
}

function scriptProblems(path: string, { hasInstallScript }: Manifest): string[] {
  const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
  if (!hasInstallScript || name in SCRIPT_NOT_NEEDED) return [];
  return [`install-script: ${path} has one; find a package without, or show that it works unscripted`];
}

/** The manifest of a workspace against the lock's copy of it. */
async function manifestProblems(workspace: string): Promise<string[]> {
  const manifest: Manifest = await readJson(join(workspace, 'package.json'));
  const kinds = ['dependencies', 'devDependencies', 'optionalDependencies'] as const;
  return kinds.flatMap((kind) => {
    const locked = packages[workspace]?.[kind] ?? {};
    const wanted = manifest[kind] ?? {};
    const differing = [...new Set([...Object.keys(wanted), ...Object.keys(locked)])].filter(
      (name) => wanted[name] !== locked[name],
    );
    const ranges = Object.entries(wanted).filter(([, version]) => !/^(npm:.+@)?\d+\.\d+\.\d+/.test(version));
    const where = join(workspace, 'package.json');
    return [
      ...differing.map(
        (name) => `lock-out-of-date: ${where} and the lock differ in ${name}; run \`npm install\``,
      ),
      ...ranges.map(([name, version]) => `not-exact: ${where} asks for ${name} ${version}; name one version`),
    ];
  });
}
