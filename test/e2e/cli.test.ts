/** The `hokusai` command against the running stack, through every command: piped, and on a terminal. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify, stripVTControlCharacters } from 'node:util';
import { eventually } from '@hokusai/testing';
import { hokusai, hokusaiOnTerminal } from '../../packages/cli/test/support/command.ts';
import { call } from './support/rest.ts';
import { type Stack, sharedStack } from './support/stack.ts';

const KEY = /^hk_live_[0-9A-Za-z]{50}\n$/;
const root = join(import.meta.dirname, '../..');

describe('the command, against the running stack,', function () {
  this.timeout(120_000);
  let stack: Stack;
  let folder: string;
  /** Of an admin who never logged in, of one who did, and of the bearer of a key. */
  let asAdmin: Record<string, string>;
  let asLoggedIn: Record<string, string>;
  const bearing = (key: string) => ({ ...asAdmin, HOKUSAI_API_KEY: key.trim() });

  before(async function () {
    this.timeout(300_000);
    stack = await sharedStack();
    folder = await mkdtemp(join(tmpdir(), 'hokusai-cli-e2e-'));
    asLoggedIn = { XDG_CONFIG_HOME: folder };
    asAdmin = { HOKUSAI_API_URL: stack.gatewayUrl, HOKUSAI_API_KEY: stack.adminKey, XDG_CONFIG_HOME: folder };
  });
  after(() => rm(folder, { recursive: true }));

  /** Runs it to success; returns stdout. */
  async function run(args: readonly string[], env: Record<string, string> = asAdmin): Promise<string> {
    const { code, stdout, stderr } = await hokusai(args, { env });
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  async function fails(args: readonly string[], expected: number, env = asAdmin): Promise<string> {
    const { code, stdout, stderr } = await hokusai(args, { env });
    assert.deepEqual([code, stdout], [expected, ''], `${args.join(' ')}: ${stderr}`);
    assert.doesNotMatch(stderr, /hk_(live|test)_[0-9A-Za-z]{13}/);
    return stderr;
  }

  async function create(name: string, ...args: string[]): Promise<{ id: string; key: string }> {
    return JSON.parse(await run(['auth', 'create-key', '--name', name, ...args, '--json']));
  }

  async function createUser(name: string): Promise<string> {
    return JSON.parse(await run(['users', 'create', '--display-name', name, '--json'])).id;
  }

  /** Runs it on a terminal, answers yes when it asks, and returns what was shown. */
  async function confirmed(args: readonly string[]): Promise<string> {
    const terminal = hokusaiOnTerminal(args, { env: asAdmin });
    await terminal.shows('[y/N]');
    terminal.type('y\n');
    assert.equal(await terminal.ended, 0, terminal.screen());
    return terminal.screen();
  }

  it('starts by npx in the checkout', async () => {
    const { stdout } = await promisify(execFile)(
      'npx',
      ['--no-install', 'hokusai', 'auth', 'whoami', '--json'],
      {
        cwd: root,
        env: { ...process.env, ...asAdmin },
      },
    );
    assert.deepEqual(JSON.parse(stdout).scopes.includes('admin'), true);
  });

  it('logs in from a file, says who one is, and logs out', async () => {
    const login = await hokusai(['auth', 'login', '--url', stack.gatewayUrl], {
      env: asLoggedIn,
      input: `${stack.adminKey}\n`,
    });
    assert.equal(login.code, 0, login.stderr);
    assert.match(await run(['auth', 'whoami'], asLoggedIn), /\nRole +admin\n/);
    await run(['auth', 'logout'], asLoggedIn);
    assert.match(await fails(['auth', 'whoami', '--url', stack.gatewayUrl], 3, asLoggedIn), /no API key/);
  });

  it('logs in by a key that is typed', async () => {
    const terminal = hokusaiOnTerminal(['auth', 'login', '--profile', 'typed', '--url', stack.gatewayUrl], {
      env: asLoggedIn,
    });
    await terminal.shows('API key for');
    terminal.type(`${stack.adminKey}\n`);
    assert.equal(await terminal.ended, 0, terminal.screen());
    assert.ok(!terminal.screen().includes(stack.adminKey));
    assert.match(await run(['--profile', 'typed', 'auth', 'list-keys'], asLoggedIn), /^ID +NAME/);
  });

  it('creates a key that MLflow takes, alone on stdout or in a file', async () => {
    const key = await run(['auth', 'create-key', '--name', 'ci', '--expires', '90d', '--rate-limit', '1000']);
    assert.match(key, KEY);
    const experiments = '/mlflow/api/2.0/mlflow/experiments/search?max_results=1';
    assert.equal((await call(stack.gatewayUrl, key.trim(), 'GET', experiments)).status, 200);
    const path = join(folder, 'key');
    assert.equal(await run(['auth', 'create-key', '--name', 'ci', '--output', path]), '');
    assert.match(await readFile(path, 'utf8'), KEY);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it('creates a key with everything that can be said of one, and shows it', async () => {
    const owner = await createUser('Ada of the keys');
    const args = [
      '--user',
      owner,
      '--environment',
      'test',
      '--scope',
      'mlflow:read',
      '--expires',
      '2099-01-01T00:00:00Z',
    ];
    args.push(
      '--burst',
      '5',
      '--burst-window',
      '2s',
      '--allow-ip',
      '192.0.2.0/24',
      '--metadata',
      'team=vision',
    );
    const { id, key, ...created } = await create('all of it', ...args);
    assert.match(key, /^hk_test_/);
    const shown = JSON.parse(await run(['auth', 'show-key', id, '--json']));
    assert.deepEqual(shown, { id, ...created });
    assert.deepEqual(
      shown,
      (await call(stack.gatewayUrl, stack.adminKey, 'GET', `/api/v1/auth/keys/${id}`)).body,
    );
    const text = await run(['auth', 'show-key', id]);
    for (const part of [
      /Owner +Ada of the keys/,
      /Burst limit +5 in 2 s/,
      /192\.0\.2\.0\/24/,
      /"team":"vision"/,
    ]) {
      assert.match(text, part);
    }
    const listed = JSON.parse(
      await run(['auth', 'list-keys', '--user', owner, '--environment', 'test', '--json']),
    );
    assert.deepEqual(
      listed.data.map((entry: { id: string }) => entry.id),
      [id],
    );
  });

  it('lists page after page, by filters', async () => {
    const owner = await createUser('Owner of many');
    for (let number = 0; number < 3; number += 1) await create(`many ${number}`, '--user', owner);
    const names = async (...args: string[]) => {
      const { data } = JSON.parse(await run(['auth', 'list-keys', '--user', owner, '--json', ...args]));
      return data.map(({ name }: { name: string }) => name);
    };
    assert.deepEqual(await names('--all'), ['many 2', 'many 1', 'many 0']);
    assert.deepEqual(await names('--name', 'ANY 1', '--state', 'active', '--unused-since', '1h'), ['many 1']);
    assert.deepEqual(await names('--expires-before', '10d'), []);
    const first = JSON.parse(await run(['auth', 'list-keys', '--user', owner, '--limit', '2', '--json']));
    assert.deepEqual(await names('--cursor', first.next_cursor), ['many 0']);
    const table = hokusaiOnTerminal(['auth', 'list-keys', '--user', owner], { env: asAdmin, columns: 80 });
    assert.equal(await table.ended, 0);
    const lines = table.screen().trim().split('\r\n');
    assert.equal(lines.length, 4);
    for (const line of lines) assert.ok(stripVTControlCharacters(line).length <= 80, line);
  });

  it('changes a key, unless it was changed meanwhile', async () => {
    const { id } = await create('before');
    const args = ['auth', 'update-key', id, '--name', 'after', '--expires', '30d', '--allow-ip', '127.0.0.1'];
    const after = JSON.parse(await run([...args, '--scope', 'mlflow:read', '--rate-limit', '7', '--json']));
    assert.deepEqual(
      [after.name, after.scopes, after.rate_limit_per_hour, after.allowed_ips.length],
      ['after', ['mlflow:read'], 7, 1],
    );
    const back = [
      'auth',
      'update-key',
      id,
      '--expires',
      'never',
      '--allow-ip',
      'any',
      '--rate-limit',
      'default',
    ];
    const again = JSON.parse(await run([...back, '--if-version', after.version, '--json']));
    assert.deepEqual([again.expires_at, again.allowed_ips], [null, []]);
    assert.notEqual(again.rate_limit_per_hour, 7);
    await fails(['auth', 'update-key', id, '--name', 'late', '--if-version', after.version], 7);
    assert.match(
      await fails(['auth', 'update-key', id, '--expires', '2020-01-01T00:00:00Z'], 8),
      /expires_at/,
    );
  });

  it('rotates a key, tells who still uses the old secret, and ends its grace', async () => {
    const { id, key: old } = await create('rotating');
    const key = await run(['auth', 'rotate-key', id, '--grace', '1h']);
    assert.match(key, KEY);
    const whoami = JSON.parse(await run(['auth', 'whoami', '--json'], bearing(old)));
    assert.notEqual(whoami.secret_valid_until, null);
    const prefix = old.slice(0, 20);
    const address = stack.clientAddress.replaceAll('.', '\\.');
    await eventually(async () => {
      const shown = await run(['auth', 'show-key', id]);
      assert.match(
        shown,
        new RegExp(`${prefix}: accepted until .*; previous secret last used at .* from ${address}`),
      );
    });
    await run(['auth', 'end-grace', id, prefix, '--yes']);
    await eventually(() => fails(['auth', 'whoami'], 5, bearing(old)));
    await run(['auth', 'whoami'], bearing(key));
  });

  it('asks on a terminal before a rotation without grace, and before the end of one', async () => {
    const { id, key } = await create('asked about');
    const screen = await confirmed(['auth', 'rotate-key', id, '--grace', '0']);
    assert.match(screen, /Rotate the key "asked about"/);
    await eventually(() => fails(['auth', 'whoami'], 5, bearing(key)));
    const { key_prefix: prefix } = JSON.parse(await run(['auth', 'show-key', id, '--json']));
    await run(['auth', 'rotate-key', id]);
    assert.match(await confirmed(['auth', 'end-grace', id, prefix]), /does not work any more/);
  });

  it('revokes a key and those created with it', async () => {
    const parent = await create('parent', '--scope', 'keys:write', '--scope', 'mlflow:read');
    const child = await run(
      ['auth', 'create-key', '--name', 'child', '--scope', 'mlflow:read'],
      bearing(parent.key),
    );
    const { revoked_count: count } = JSON.parse(
      await run(['auth', 'revoke-key', parent.id, '--reason', 'e2e', '--cascade', '--yes', '--json']),
    );
    assert.equal(count, 2);
    for (const key of [parent.key, child]) {
      await eventually(async () => assert.match(await fails(['auth', 'whoami'], 5, bearing(key)), /revoked/));
    }
    const { state, revoked_reason } = JSON.parse(await run(['auth', 'show-key', parent.id, '--json']));
    assert.deepEqual([state, revoked_reason], ['revoked', 'e2e']);
  });

  it('waits until the gateway knows of a revocation, and shows its receipt', async () => {
    const { id, key } = await create('waited for');
    const args = ['auth', 'revoke-key', id, '--wait', '--yes'];
    const { code, stdout, stderr } = await hokusai(args, { env: asAdmin });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^GATEWAY +STATUS +AFTER.*\n(\S+:\d+ +acknowledged +\d+ ms *\n)+$/);
    assert.match(stderr, /Revoked the key "waited for"/);
    assert.match(stderr, /No gateway serves it later than \d{4}-.* UTC/);
    // No try in vain: it is known.
    assert.match(await fails(['auth', 'whoami'], 5, bearing(key)), /revoked/);
    const { revoked_count: count, receipt } = JSON.parse(await run([...args, '--cascade', '--json']));
    assert.deepEqual([count, receipt.complete], [0, true]);
    const statuses = receipt.gateways.map(({ status }: { status: string }) => status);
    assert.deepEqual(new Set(statuses), new Set(['acknowledged']));
  });

  it('asks on a terminal before a revocation', async () => {
    const { id } = await create('asked about');
    assert.match(await confirmed(['auth', 'revoke-key', id]), /Revoke the key "asked about" .*, for good\?/);
  });

  it('manages users, whose keys stop and work again with them', async () => {
    const args = ['--display-name', 'Grace', '--email', 'grace@example.org', '--external-id', 'grace-e2e'];
    const user = JSON.parse(await run(['users', 'create', ...args, '--rate-limit', '500', '--json']));
    assert.match(await fails(['users', 'create', ...args], 7), /external/);
    assert.match(await run(['users', 'show', user.id]), /grace@example\.org/);
    assert.match(await run(['users', 'list', '--external-id', 'grace-e2e']), /^ID .*\n.*Grace/);
    const changes = [
      '--display-name',
      'Grace H.',
      '--role',
      'admin',
      '--rate-limit',
      'none',
      '--no-email',
      '--json',
    ];
    const updated = JSON.parse(await run(['users', 'update', user.id, ...changes]));
    assert.deepEqual(
      [updated.display_name, updated.role, updated.rate_limit_per_hour, updated.email],
      ['Grace H.', 'admin', null, null],
    );
    const { key } = await create("Grace's", '--user', user.id);
    await run(['users', 'disable', user.id, '--yes']);
    await eventually(() => fails(['auth', 'whoami'], 5, bearing(key)));
    assert.match(await run(['users', 'list', '--state', 'disabled', '--all']), new RegExp(user.id));
    assert.match(await run(['users', 'enable', user.id]), /State +active/);
    await eventually(() => run(['auth', 'whoami'], bearing(key)));
    assert.match(await confirmed(['users', 'disable', user.id]), /Disable the user "Grace H\."/);
  });

  it('has an exit code for each kind of refusal', async () => {
    const member = await createUser('Member');
    const { key } = await create('member', '--user', member, '--scope', 'keys:read');
    const unknown = '00000000-0000-4000-8000-000000000000';
    await fails(['auth', 'revoke-key', unknown], 2);
    await fails(['auth', 'whoami'], 4, bearing(`hk_live_${'0'.repeat(50)}`));
    assert.match(await fails(['users', 'list'], 5, bearing(key)), /hokusai auth whoami/);
    await fails(['auth', 'show-key', unknown], 6);
    await fails(['auth', 'create-key', '--name', 'x', '--scope', 'nope'], 8);
    await fails(['auth', 'whoami', '--url', `${stack.gatewayUrl}/mlflow`], 3);
  });
});
