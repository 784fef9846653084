import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseEnv } from 'node:util';
import pg from 'pg';
import { createToolbox } from '../src/index.ts';
import { isSameProcess, processStartTime } from '../src/os/process-identity.js';

const root = join(import.meta.dirname, '..', '..', '..');
const installed = process.env['HOKUSAI_HOME'] || join(root, '.hokusai');
const entries = {
  start: 'packages/local-stack/test/fixtures/start.ts',
  stop: 'packages/local-stack/src/stop.ts',
};

describe('npm start', function () {
  this.timeout(120_000);
  let home = '';
  const running = new Set<ChildProcess>();

  before('install the servers once for all', async function () {
    this.timeout(300_000);
    const toolbox = createToolbox({ home: installed, env: process.env, onProgress: () => {} });
    for (const name of ['postgres', 'redis', 'nats'] as const) await toolbox.server(name);
  });
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'hokusai-start-'));
    mkdirSync(join(home, 'run'));
    symlinkSync(join(installed, 'servers'), join(home, 'servers'));
  });
  afterEach(async () => {
    await command('stop');
    for (const child of running) if (child.exitCode === null) child.kill('SIGKILL');
    running.clear();
    rmSync(home, { recursive: true });
  });

  /** Runs with what a test needs; MLflow is not part of it, since it takes long to start. */
  function run(name: keyof typeof entries, args: string[] = [], env: Record<string, string> = {}) {
    const child = spawn(process.execPath, [join(root, entries[name]), ...args], {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
        HOKUSAI_HOME: home,
        GATEWAY_PORT: '0',
        MLFLOW_UPSTREAM_URL: 'http://127.0.0.1:9',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(child);
    let output = '';
    const printing = new EventEmitter();
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        printing.emit('text');
      });
    }
    return { child, printing, output: () => output };
  }

  async function command(name: keyof typeof entries, args: string[] = [], env: Record<string, string> = {}) {
    const { child, output } = run(name, args, env);
    const [code] = (await once(child, 'close')) as [number];
    return { code, output: output() };
  }

  async function printed(started: ReturnType<typeof run>, text: string) {
    const { child, printing, output } = started;
    const closed = once(child, 'close').then(() => true);
    while (!output().includes(text)) {
      const isOver = await Promise.race([closed, once(printing, 'text')]);
      assert.notEqual(isOver, true, output());
    }
  }

  const environment = () => parseEnv(readFileSync(join(home, 'env'), 'utf8')) as Record<string, string>;
  const pids = () =>
    readdirSync(join(home, 'run'))
      .filter((name) => name.endsWith('.pid'))
      .map((name) => ({
        name: name.replace('.pid', ''),
        pid: Number(readFileSync(join(home, 'run', name), 'utf8')),
      }));
  const pidOf = (name: string) => pids().find((recorded) => recorded.name === name)?.pid as number;
  const names = ['audit', 'gateway', 'keys', 'nats', 'postgres', 'redis', 'supervisor', 'usage'];

  async function startsOf(service: string): Promise<number> {
    const client = new pg.Client({
      connectionString: environment()[`${service.toUpperCase()}_OWNER_DATABASE_URL`],
    });
    await client.connect();
    try {
      return (await client.query('select count(*)::int as count from starts')).rows[0].count;
    } finally {
      await client.end();
    }
  }

  it('returns when all is ready with --detach, keeps the data over a stop, and leaves no process', async () => {
    const first = await command('start', ['--detach']);
    assert.equal(first.code, 0, first.output);
    assert.match(first.output, /is ready at http:\/\/127\.0\.0\.1:\d+\n/);
    assert.equal(await (await fetch(environment()['GATEWAY_URL'] as string)).text(), 'gateway\n');
    assert.deepEqual(
      pids()
        .map(({ name }) => name)
        .sort(),
      names,
    );
    const before = pids().map(({ pid }) => ({ pid, startTime: processStartTime(pid) as string }));
    const saved = environment();

    assert.deepEqual(await command('stop'), { code: 0, output: 'stopped\n' });
    assert.deepEqual(
      before.filter(({ pid, startTime }) => isSameProcess(pid, startTime)),
      [],
    );
    assert.deepEqual(pids(), []);
    assert.deepEqual(await command('stop'), { code: 0, output: 'not running\n' });

    const second = await command('start', ['--detach']);
    assert.equal(second.code, 0, second.output);
    for (const service of ['keys', 'usage', 'audit']) assert.equal(await startsOf(service), 2);
    const { GATEWAY_PORT: _1, GATEWAY_URL: _2, ...kept } = environment();
    assert.deepEqual({ ...saved, ...kept }, saved);
  });

  it('keeps secrets to their owner, and says that it runs already when started twice', async () => {
    const { code, output } = await command('start', ['--detach']);
    assert.equal(code, 0, output);
    for (const name of ['env', 'admin.key', 'data/nats/nats.json']) {
      assert.equal(statSync(join(home, name)).mode & 0o777, 0o600, name);
    }
    for (const name of ['log', 'run', 'data/redis', 'data/nats']) {
      assert.equal(statSync(join(home, name)).mode & 0o777, 0o700, name);
    }
    assert.equal(statSync(join(home, 'data')).mode & 0o066, 0);
    const secrets = Object.values(environment())
      .map((value) => (URL.canParse(value) ? new URL(value).password : value.split(':').at(-1)))
      .filter((secret) => secret && secret.length > 20);
    const logs = readdirSync(join(home, 'log')).map((name) => readFileSync(join(home, 'log', name), 'utf8'));
    for (const text of [...logs, output])
      assert.ok(secrets.every((secret) => !text.includes(secret as string)));

    const second = await command('start');
    assert.equal(second.code, 1);
    assert.match(
      second.output,
      new RegExp(`already running \\(process ${pidOf('supervisor')}, http://.*npm run stop`),
    );
  });

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`stops cleanly on ${signal}, the gateway first and the data last`, async () => {
      const foreground = run('start');
      await printed(foreground, 'gateway    http');
      const before = pids().map(({ pid }) => ({ pid, startTime: processStartTime(pid) as string }));
      foreground.child.kill(signal);
      foreground.child.kill(signal);
      assert.deepEqual(await once(foreground.child, 'close'), [0, null]);
      const order = [...foreground.output().matchAll(/^stopped (\w+)$/gm)].map(([, name]) => name);
      assert.deepEqual(order.slice(0, 2), ['gateway', 'keys']);
      assert.deepEqual(order.slice(2, 4).sort(), ['audit', 'usage']);
      assert.deepEqual(order.slice(4).sort(), ['nats', 'postgres', 'redis']);
      assert.deepEqual(
        before.filter(({ pid, startTime }) => isSameProcess(pid, startTime)),
        [],
      );
    });
  }

  it('stops in the middle of a start', async () => {
    const foreground = run('start', [], { MISBEHAVE: 'gateway:never-ready' });
    await printed(foreground, 'keys       port');
    foreground.child.kill('SIGINT');
    assert.deepEqual(await once(foreground.child, 'close'), [0, null]);
    assert.deepEqual(pids(), []);
  });

  it('ends everything when one process ends, and says which, with its last lines', async () => {
    const foreground = run('start');
    await printed(foreground, 'is ready at');
    process.kill(pidOf('usage'), 'SIGKILL');
    const [code] = await once(foreground.child, 'close');
    assert.equal(code, 1);
    assert.match(
      foreground.output(),
      /hokusai: usage ended \(SIGKILL\)\. The end of .*usage\.log:\n {2}\{"service":"usage"/,
    );
    assert.deepEqual(pids(), []);
  });

  it('says so when a service fails to start', async () => {
    const { code, output } = await command('start', ['--detach'], { MISBEHAVE: 'audit:crash' });
    assert.equal(code, 1);
    assert.match(output, /audit ended before it was ready \(exit code 3\)[\s\S]*audit gives up/);
    assert.deepEqual(pids(), []);
  });

  it('ends with 78 and all that the services find wrong with their configuration', async () => {
    const { code, output } = await command('start', [], {
      MISBEHAVE: 'keys:misconfigured,gateway:misconfigured',
    });
    assert.equal(code, 78);
    assert.match(output, /invalid configuration:\n {2}KEYS_LIMIT: expected.*\n {2}GATEWAY_LIMIT: expected/);
    assert.equal(existsSync(join(home, 'env')), false, 'nothing was begun');
  });

  it('ends with 78 at once for what is wrong with its own', async () => {
    const file = join(home, '..', `${basename(home)}.port`);
    writeFileSync(file, 'z');
    const given = {
      GATEWAY_PORT: 'x',
      REDIS_URL: 'y',
      NATS_PORT_FILE: file,
      MISBEHAVE: 'usage:misconfigured',
    };
    const { code, output } = await command('start', [], given);
    rmSync(file);
    assert.match(output, /NATS_PORT: expected/);
    assert.match(output, /USAGE_LIMIT: expected/, 'those of the services at the same time');
    assert.equal(code, 78);
    assert.match(
      output,
      /GATEWAY_PORT: expected[\s\S]*REDIS_URL: expected|REDIS_URL: expected[\s\S]*GATEWAY_PORT: expected/,
    );
    assert.equal(existsSync(join(home, 'env')), false);
  });

  it('names a port in use, its holder, and the variable that changes it', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const { code, output } = await command('start', [], { GATEWAY_PORT: String(port) });
    server.close();
    assert.equal(code, 1);
    const by = process.platform === 'linux' ? `process ${process.pid} \\(.+\\)` : 'another process';
    assert.match(
      output,
      new RegExp(`^hokusai: port ${port} is in use by ${by}; end it, or set GATEWAY_PORT to another port\n$`),
    );
  });

  it('ends what a supervisor left behind that was killed', async () => {
    const first = await command('start', ['--detach']);
    assert.equal(first.code, 0, first.output);
    const orphans = pids().filter(({ name }) => name !== 'supervisor');
    const before = orphans.map(({ pid }) => ({ pid, startTime: processStartTime(pid) as string }));
    process.kill(pidOf('supervisor'), 'SIGKILL');
    const second = await command('start', ['--detach']);
    assert.equal(second.code, 0, second.output);
    assert.match(second.output, /ended what an earlier start had left behind: gateway, /);
    assert.deepEqual(
      before.filter(({ pid, startTime }) => isSameProcess(pid, startTime)),
      [],
    );

    process.kill(pidOf('supervisor'), 'SIGKILL');
    const { code, output } = await command('stop');
    assert.equal(code, 0);
    assert.match(output, /^ended what was left running: /);
    assert.deepEqual(
      pids().filter(({ name }) => name !== 'supervisor'),
      [],
    );
  });

  it('uses what is given by URL and starts no server for it', async () => {
    const first = await command('start', ['--detach']);
    assert.equal(first.code, 0, first.output);
    const { REDIS_URL, KEYS_DATABASE_URL, KEYS_OWNER_DATABASE_URL } = environment();
    const firstHome = home;
    home = join(firstHome, 'second');
    mkdirSync(home);
    symlinkSync(join(installed, 'servers'), join(home, 'servers'));
    try {
      const given = { REDIS_URL, KEYS_DATABASE_URL, KEYS_OWNER_DATABASE_URL } as Record<string, string>;
      const second = await command('start', ['--detach'], given);
      assert.equal(second.code, 0, second.output);
      assert.deepEqual(
        pids()
          .map(({ name }) => name)
          .sort(),
        names.filter((name) => name !== 'redis'),
      );
      assert.equal(environment()['REDIS_URL'], undefined);
      await command('stop');
    } finally {
      home = firstHome;
    }
    assert.equal(await startsOf('keys'), 2);
  });

  it('is not running where it was never started, and stop leaves no trace of having looked', async () => {
    const nowhere = join(home, 'nowhere');
    assert.deepEqual(await command('stop', [], { HOKUSAI_HOME: nowhere }), {
      code: 0,
      output: 'not running\n',
    });
    assert.equal(existsSync(nowhere), false);
  });

  it('does not know other arguments', async () => {
    const { code, output } = await command('start', ['--detached']);
    assert.equal(code, 64);
    assert.match(output, /unknown: --detached[\s\S]*npm start \[-- --detach\]/);
  });
});
