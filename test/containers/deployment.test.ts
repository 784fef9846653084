/** What runs in the containers of compose.yaml, and what does not: scripts/containers/e2e.ts has started them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { SERVICE_SECRETS } from '../../packages/local-stack/src/containers/secret-files.ts';
import { IMAGES } from '../../scripts/containers/images.ts';

const root = join(import.meta.dirname, '../..');
const home = process.env['HOKUSAI_E2E_HOME'] ?? '';
const project = process.env['HOKUSAI_E2E_PROJECT'] ?? '';
const SERVICES = ['keys', 'usage', 'audit', 'gateway'] as const;
/** Of root's rights as much as hands files over, or none at all. */
const RUN_ONCE = ['secrets', 'provision'];
const ALL = [...SERVICES, 'postgres', 'redis', 'nats', 'mlflow', ...RUN_ONCE];
const TOOLS = ['npm', 'npx', 'corepack', 'yarn', 'pnpm', 'gcc', 'cc', 'g++', 'make', 'git', 'tsc', 'python3'];

async function docker(...args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)('docker', args, { cwd: root, maxBuffer: 2 ** 28 });
  return args[0] === 'logs' ? stdout + stderr : stdout;
}

interface Inspected {
  Config: { Healthcheck?: object; Env: string[] };
  HostConfig: { ReadonlyRootfs: boolean; CapDrop: string[]; SecurityOpt: string[] };
  State: { Health?: { Status: string } };
  Image: string;
  NetworkSettings: { Networks: Record<string, object> };
}

async function containerOf(service: string): Promise<string> {
  const labels = [`project=${project}`, `service=${service}`].flatMap((label) => [
    '--filter',
    `label=com.docker.compose.${label}`,
  ]);
  const id = (await docker('ps', '--all', '--quiet', ...labels)).trim();
  assert.match(id, /^[0-9a-f]+$/, `one container of ${service}`);
  return id;
}

async function inspect(service: string): Promise<Inspected> {
  const [inspected] = JSON.parse(await docker('inspect', await containerOf(service))) as Inspected[];
  assert.ok(inspected);
  return inspected;
}

/** What a program in Node prints as JSON from within a container. */
async function within<Answer>(service: string, program: string, ...args: string[]): Promise<Answer> {
  const preamble =
    "import * as fs from 'node:fs'; import * as path from 'node:path'; const say = (it) => console.log(JSON.stringify(it));";
  const node = ['node', '--input-type=module', '--eval', preamble + program, '--', ...args];
  return JSON.parse(await docker('exec', await containerOf(service), ...node)) as Answer;
}

describe('the containers', function () {
  this.timeout(120_000);

  for (const service of SERVICES)
    it(`have ${service} run by an ordinary user without any right of root`, async () => {
      const processes = await within<{ uids: string; gained: string; canGain: boolean }[]>(
        service,
        `const field = (status, name) => new RegExp('^' + name + ':\\\\s+(.*)$', 'm').exec(status)[1];
         const statuses = fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name))
           .map((pid) => fs.readFileSync('/proc/' + pid + '/status', 'utf8'));
         say(statuses.map((status) => ({ uids: field(status, 'Uid'), gained: field(status, 'CapPrm') + field(status, 'CapEff'),
           canGain: field(status, 'NoNewPrivs') !== '1' })));`,
      );
      assert.ok(processes.length >= 2, 'an init, and the service');
      for (const process of processes)
        assert.deepEqual(process, { uids: '1000\t1000\t1000\t1000', gained: '0'.repeat(32), canGain: false });
    });

  for (const service of SERVICES)
    it(`let ${service} write to its volumes and /tmp, and nowhere else`, async () => {
      const results = await within<Record<string, string>>(
        service,
        `const attempt = (folder) => {
           const file = path.join(folder, 'written-by-a-test');
           try { fs.writeFileSync(file, ''); fs.rmSync(file); return 'written'; } catch ({ code }) { return code; }
         };
         say(Object.fromEntries(process.argv.slice(1).map((folder) => [folder, attempt(folder)])));`,
        ...['/tmp', '/', '/app', '/app/services', '/etc', '/usr/local/bin', '/home/node', '/run/secrets'],
      );
      const { '/tmp': temporary, ...others } = results;
      assert.equal(temporary, 'written');
      for (const [folder, result] of Object.entries(others)) assert.equal(result, 'EROFS', folder);
      const { HostConfig, State } = await inspect(service);
      assert.equal(HostConfig.ReadonlyRootfs, true);
      assert.equal(State.Health?.Status, 'healthy');
    });

  for (const service of [...SERVICES, 'postgres', 'redis', 'nats', 'mlflow'])
    it(`are asked whether ${service} is well, and it is`, async () => {
      const { Config, State, HostConfig } = await inspect(service);
      assert.ok(Config.Healthcheck);
      assert.equal(State.Health?.Status, 'healthy');
      assert.equal(HostConfig.ReadonlyRootfs, true);
      assert.deepEqual(HostConfig.CapDrop, ['ALL']);
      assert.deepEqual(HostConfig.SecurityOpt, ['no-new-privileges:true']);
    });

  it('say of a service that does not answer that it is not well', async () => {
    const container = await containerOf('usage');
    const check = ['node', '/usr/local/lib/hokusai/healthcheck.mjs'];
    assert.match(await docker('exec', container, ...check), /"ready":true/);
    const answer = docker('exec', '--env', 'HEALTH_PORT=1', container, ...check);
    await assert.rejects(answer, ({ code, stdout }: { code: number; stdout: string }) => {
      assert.match(stdout, /fetch failed|ECONNREFUSED|bad port/);
      return code === 1;
    });
  });

  for (const service of SERVICES)
    it(`hold of the packages those that ${service} runs with, and nothing to build with`, async () => {
      const { installed, files, tools } = await within<{
        installed: string[];
        files: string[];
        tools: string[];
      }>(
        service,
        `const files = fs.readdirSync('/app', { recursive: true });
         const installed = files.filter((file) => /(^|\\/)node_modules\\/(@[^/]+\\/)?[^/@.][^/]*$/.test(file)
           && fs.existsSync(path.join('/app', file, 'package.json')));
         const tools = process.argv.slice(1).filter((tool) =>
           process.env.PATH.split(':').some((folder) => fs.existsSync(path.join(folder, tool))));
         say({ installed, tools, files: files.filter((file) => !/(^|\\/)node_modules\\//.test(file)) });`,
        ...TOOLS,
      );
      assert.deepEqual(tools, []);
      assert.ok(installed.length > 20, `${installed.length} packages`);
      const needed = dependenciesOf(`services/${service}`);
      const superfluous = installed.filter((path) => !needed.has(path));
      assert.deepEqual(superfluous, []);
      const services = files.flatMap((file) => /^services\/([^/]+)$/.exec(file)?.[1] ?? []);
      assert.deepEqual(services, [service]);
      assert.deepEqual(
        files.filter((file) =>
          /\.test\.ts$|(^|\/)(test|testing|bench)(\/|$)|(^|\/)\.(git|env|npmrc)/.test(file),
        ),
        [],
      );
    });

  for (const service of SERVICES)
    it(`show ${service} its own secrets and no other's`, async () => {
      const program = "say(fs.readdirSync('/run/secrets').sort());";
      assert.deepEqual(await within(service, program), [...SERVICE_SECRETS[service]].sort());
    });

  it('hold secrets in files only: none is in what Docker tells of them, of their images, or in their logs', async () => {
    const secrets = generatedSecrets();
    assert.ok(secrets.length > 20, `${secrets.length} secrets`);
    // It would be found: they are those that the services read.
    const [url] = await within<string[]>(
      'gateway',
      "say([fs.readFileSync('/run/secrets/REDIS_URL', 'utf8')]);",
    );
    assert.deepEqual(foundIn(url ?? '', secrets).length > 0, true);
    for (const service of ALL) {
      const container = await containerOf(service);
      const { Image: image } = await inspect(service);
      const texts = {
        container: await docker('inspect', container),
        image: await docker('inspect', image),
        history: await docker('history', '--no-trunc', image),
        log: await docker('logs', container),
      };
      for (const [what, text] of Object.entries(texts))
        assert.deepEqual(foundIn(text, secrets), [], `${what} of ${service}`);
    }
  });

  it('are in a network of their own, which leads nowhere', async () => {
    const [network] = JSON.parse(await docker('network', 'inspect', `${project}_internal`)) as {
      Internal: boolean;
    }[];
    assert.equal(network?.Internal, true);
    for (const service of [...SERVICES, 'postgres', 'redis', 'nats', 'mlflow', 'provision'])
      assert.ok(`${project}_internal` in (await inspect(service)).NetworkSettings.Networks, service);
    assert.deepEqual(Object.keys((await inspect('secrets')).NetworkSettings.Networks), ['none']);
  });

  it('are published by compose.yaml at one address of this machine, the gateway', async () => {
    const config = JSON.parse(
      await docker('compose', '--file', 'compose.yaml', 'config', '--format', 'json'),
    ) as {
      services: Record<string, { ports?: { host_ip: string; target: number }[]; image: string }>;
    };
    const published = Object.entries(config.services).flatMap(([name, { ports = [] }]) =>
      ports.map(({ host_ip: address, target }) => ({ name, address, target })),
    );
    assert.deepEqual(published, [{ name: 'gateway', address: '127.0.0.1', target: 8080 }]);
    assert.equal(config.services['postgres']?.image, IMAGES.postgres);
  });
});

interface Locked {
  link?: boolean;
  resolved?: string;
  dependencies?: object;
  optionalDependencies?: object;
  peerDependencies?: object;
}

/** Folders of all packages that one depends on at run time, by the lock file. */
function dependenciesOf(workspace: string): Set<string> {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const find = (folder: string, name: string): string | undefined => {
    const path = join(folder, 'node_modules', name);
    if (packages[path]) return path;
    return folder === '.' ? undefined : find(dirname(folder), name);
  };
  const found = new Set<string>();
  const visit = (folder: string) => {
    if (found.has(folder)) return;
    found.add(folder);
    const { link, resolved = '', ...entry } = packages[folder] ?? {};
    if (link) return visit(resolved);
    const all = { ...entry.dependencies, ...entry.optionalDependencies, ...entry.peerDependencies };
    for (const name of Object.keys(all)) {
      const path = find(folder, name);
      if (path !== undefined) visit(path);
    }
  };
  visit(workspace);
  return found;
}

/** Passwords, tokens and rings of this deployment, and its first key. */
function generatedSecrets(): string[] {
  const env = parseEnv(readFileSync(join(home, 'env'), 'utf8')) as Record<string, string>;
  const ofUrls = Object.values(env).flatMap(
    (value) => /^[a-z]+:\/\/[^:/]*:([^@]{12,})@/.exec(value)?.[1] ?? [],
  );
  const tokens = Object.entries(env).flatMap(([name, value]) => (name.endsWith('_TOKEN') ? value : []));
  const rings = ['KEY_TAG_SECRETS', 'KEY_PEPPERS', 'CACHE_SECRETS', 'AUDIT_SIGNING_KEYS'].flatMap(
    (name) => env[name]?.split(':')[1] ?? [],
  );
  return [...new Set([...ofUrls, ...tokens, ...rings, readFileSync(join(home, 'admin.key'), 'utf8').trim()])];
}

/** Those of a deployment, and whatever is a key of anybody's. */
function foundIn(text: string, secrets: readonly string[]): string[] {
  const keys = text.match(/\bhk_(live|test)_[0-9A-Za-z]{50}\b/g) ?? [];
  return [...secrets.filter((secret) => text.includes(secret)), ...keys];
}
