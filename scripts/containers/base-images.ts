/**
 * Makes the images that compose.yaml and the Dockerfile name, under the same names, where no registry answers: from
 * Debian's packages, and from the wheels and packages that `npm start` uses. An image that is there is left alone. The
 * collector's is not made: nothing but the profile `telemetry` needs it.
 *
 *     node scripts/run.js scripts/containers/base-images.ts      needs root, Docker and debootstrap
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createToolbox } from '../../packages/local-stack/src/index.ts';
import { IMAGES, type ImageName } from './images.ts';

const root = join(import.meta.dirname, '../..');
const definitions = join(import.meta.dirname, 'images');
const DEBIAN = 'debian:trixie-slim';
const DEBIAN_MIRROR = 'http://deb.debian.org/debian';
/** Authorities of whoever runs this, as registries may be reached through a proxy of theirs. */
const AUTHORITIES = '/etc/ssl/certs/ca-certificates.crt';
const NPM = 'npm@11.6.2';

const toolbox = createToolbox({
  home: process.env['HOKUSAI_HOME'] || join(root, '.hokusai'),
  env: process.env,
  onProgress: (what, text) => console.log(`${what}: ${text}`),
});

/** What each image is built from, put into the folder `context`. */
const CONTEXTS: Readonly<Record<ImageName, (context: string) => void | Promise<void>>> = {
  node: (context) => {
    copyFileSync(AUTHORITIES, join(context, 'ca-certificates.crt'));
    copyFileSync(process.execPath, join(context, 'node'));
    run('npm', ['pack', '--silent', NPM, '--pack-destination', context]);
    run('tar', ['-xzf', join(context, `${NPM.replace('@', '-')}.tgz`), '-C', context]);
    cpSync(join(context, 'package'), join(context, 'npm'), { recursive: true });
  },
  postgres: async (context) => {
    const program = await toolbox.server('postgres');
    cpSync(join(dirname(program), '../../..'), join(context, 'postgres'), { recursive: true });
    copyFileSync(join(definitions, 'postgres-entrypoint.sh'), join(context, 'postgres-entrypoint.sh'));
  },
  redis: () => {},
  nats: async (context) => copyFileSync(await toolbox.server('nats'), join(context, 'nats-server')),
  mlflow: (context) => {
    copyFileSync(AUTHORITIES, join(context, 'ca-certificates.crt'));
    copyFileSync(join(root, 'packages/local-stack/locks/mlflow.txt'), join(context, 'mlflow.txt'));
  },
};

await withFolder(async (work) => {
  if (!isThere(DEBIAN)) makeDebian(join(work, 'debian'));
  for (const [name, fill] of Object.entries(CONTEXTS)) {
    const image = IMAGES[name as ImageName];
    if (isThere(image)) {
      console.log(`${image} is there`);
      continue;
    }
    const context = join(work, name);
    mkdirSync(context);
    await fill(context);
    const definition = join(definitions, `${name}.Dockerfile`);
    run('docker', ['build', '--network=host', '--tag', image, '--file', definition, context]);
    console.log(`made ${image}`);
  }
});

function makeDebian(directory: string): void {
  run('debootstrap', ['--variant=minbase', '--include=ca-certificates', 'trixie', directory, DEBIAN_MIRROR]);
  const archive = `${directory}.tar`;
  // What was downloaded to be unpacked is of no use any more.
  run('tar', ['-C', directory, '--exclude', './var/cache/apt/archives/*.deb', '-cf', archive, '.']);
  run('docker', ['import', '--change', 'CMD ["bash"]', archive, DEBIAN]);
  console.log(`made ${DEBIAN}`);
}

function isThere(image: string): boolean {
  try {
    execFileSync('docker', ['image', 'inspect', image], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Throws if the command fails. Docker's older builder will do, where BuildKit's client is not installed. */
function run(command: string, args: readonly string[]): void {
  execFileSync(command, args, { stdio: 'inherit', env: { DOCKER_BUILDKIT: '0', ...process.env } });
}

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hokusai-images-'));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
