/** What each command asks the gateway for, and what it makes of the answer. */
import assert from 'node:assert/strict';
import { hokusai } from './support/command.ts';
import { answer, type FakeGateway, startFakeGateway } from './support/fake-gateway.ts';
import {
  CALLER_KEY,
  KEY_ID,
  keyJson,
  newKeyJson,
  OLD_PREFIX,
  retiredSecret,
  revokedKeyJson,
  USER_ID,
  userJson,
  whoamiJson,
} from './support/samples.ts';

const SECOND_MS = 1000;
const DAY_MS = 86_400 * SECOND_MS;
const KEYS = '/api/v1/auth/keys';
const page = (data: unknown[], nextCursor: string | null = null) => ({ data, next_cursor: nextCursor });

describe('a command', () => {
  let gateway: FakeGateway;
  let env: Record<string, string>;
  before(async () => {
    gateway = await startFakeGateway();
    env = { HOKUSAI_API_URL: gateway.url, HOKUSAI_API_KEY: CALLER_KEY };
  });
  beforeEach(() => {
    gateway.asked.length = 0;
  });
  after(() => gateway.close());

  /** Runs it to success against one answer, and returns its only request. */
  async function ask(args: readonly string[], reply: object) {
    gateway.reply(answer(200, reply));
    const { code, stdout, stderr } = await hokusai(args, { env });
    assert.equal(code, 0, stderr);
    assert.equal(gateway.asked.length, 1);
    const [asked] = gateway.asked;
    assert.ok(asked);
    assert.equal(asked.headers.authorization, `Bearer ${CALLER_KEY}`);
    return { ...asked, stdout, stderr, call: `${asked.method} ${asked.url}` };
  }

  it('creates a key with all that can be said of it', async () => {
    const args = ['auth', 'create-key', '--name', 'ci', '--user', USER_ID, '--environment', 'test'];
    args.push('--scope', 'mlflow:read', '--scope', 'mlflow:write,keys:read', '--expires', '90d');
    args.push('--rate-limit', '1000', '--burst', '10', '--burst-window', '1m');
    args.push('--allow-ip', '192.0.2.0/24', '--allow-ip', '2001:db8::/32');
    args.push('--metadata', 'team=vision', '--metadata', '{"cost": 7}');
    const { call, body } = await ask(args, newKeyJson());
    const { expires_at: expiresAt, ...rest } = body as Record<string, unknown>;
    assert.equal(call, `POST ${KEYS}`);
    assert.deepEqual(rest, {
      name: 'ci',
      user_id: USER_ID,
      environment: 'test',
      scopes: ['mlflow:read', 'mlflow:write', 'keys:read'],
      rate_limit_per_hour: 1000,
      burst_limit: 10,
      burst_window_seconds: 60,
      allowed_ips: ['192.0.2.0/24', '2001:db8::/32'],
      metadata: { team: 'vision', cost: 7 },
    });
    const inMs = Date.parse(String(expiresAt)) - Date.now();
    assert.ok(Math.abs(inMs - 90 * DAY_MS) < 60 * SECOND_MS, String(expiresAt));
  });

  it('creates a key with a time, with never, and with nothing but a name', async () => {
    const withExpiry = (expires: string) =>
      ask(['auth', 'create-key', '--name', 'ci', '--expires', expires], newKeyJson());
    const at = await withExpiry('2027-01-31T12:00:00+01:00');
    assert.deepEqual(at.body, { name: 'ci', expires_at: '2027-01-31T11:00:00.000Z' });
    gateway.asked.length = 0;
    const never = await withExpiry('never');
    assert.deepEqual(never.body, { name: 'ci', expires_at: null });
    gateway.asked.length = 0;
    assert.deepEqual((await ask(['auth', 'create-key', '--name', 'ci'], newKeyJson())).body, { name: 'ci' });
  });

  it('changes what is named, and sets to defaults', async () => {
    const args = [
      'auth',
      'update-key',
      KEY_ID,
      '--name',
      'new',
      '--scope',
      'mlflow:read',
      '--expires',
      'never',
    ];
    args.push(
      '--rate-limit',
      'default',
      '--burst',
      'default',
      '--burst-window',
      'default',
      '--allow-ip',
      'any',
    );
    args.push('--metadata', '{}', '--if-version', '1764000000000001');
    const { call, body } = await ask(args, keyJson());
    assert.equal(call, `PATCH ${KEYS}/${KEY_ID}`);
    assert.deepEqual(body, {
      name: 'new',
      scopes: ['mlflow:read'],
      expires_at: null,
      rate_limit_per_hour: null,
      burst_limit: null,
      burst_window_seconds: null,
      allowed_ips: null,
      metadata: {},
      if_version: '1764000000000001',
    });
  });

  it('rotates with a grace, and without naming one', async () => {
    const { call, body, stderr } = await ask(
      ['auth', 'rotate-key', KEY_ID, '--grace', '24h'],
      newKeyJson({ retired_secrets: [retiredSecret()] }),
    );
    assert.equal(call, `POST ${KEYS}/${KEY_ID}/rotate`);
    assert.deepEqual(body, { grace_period_seconds: 86_400 });
    assert.match(stderr, new RegExp(`The old secret ${OLD_PREFIX} works until 2099-11-11 10:00:00 UTC`));
    gateway.asked.length = 0;
    assert.deepEqual((await ask(['auth', 'rotate-key', KEY_ID], newKeyJson())).body, {});
  });

  it('tells who rotates their own key to replace it', async () => {
    const own = retiredSecret({ key_prefix: CALLER_KEY.slice(0, 20) });
    const { stderr } = await ask(['auth', 'rotate-key', KEY_ID], newKeyJson({ retired_secrets: [own] }));
    assert.match(stderr, /This is the key in HOKUSAI_API_KEY: replace it there/);
  });

  it('revokes, and shows which gateways know', async () => {
    const receipt = {
      committed_at: '2026-11-22T10:00:00.000Z',
      effective_no_later_than: '2026-11-22T10:01:05.000Z',
      complete: true,
      gateways: [
        { incarnation: 'i1', gateway: 'gw-1', status: 'acknowledged', lag_ms: 12.4, fenced_by: null },
        {
          incarnation: 'i2',
          gateway: 'gw-2',
          status: 'silent',
          lag_ms: null,
          fenced_by: '2026-11-22T10:01:05.000Z',
        },
      ],
    };
    const args = ['auth', 'revoke-key', KEY_ID, '--reason', 'laptop lost', '--cascade', '--wait', '--yes'];
    const { call, stdout, stderr } = await ask(args, revokedKeyJson({ revoked_count: 3, receipt }));
    assert.equal(call, `DELETE ${KEYS}/${KEY_ID}?reason=laptop+lost&cascade=true&wait=true`);
    assert.match(stdout, /gw-1 +acknowledged +12 ms/);
    assert.match(stdout, /gw-2 +silent +2026-11-22 10:01 UTC/);
    assert.match(stderr, /Revoked the key "ci" \(\S+\), and 2 created with it\./);
    assert.match(stderr, /No gateway serves it later than 2026-11-22 10:01:05 UTC/);
  });

  it('says of a receipt that may be incomplete until when to reckon with other gateways', async () => {
    const receipt = {
      committed_at: '2026-11-22T10:00:00.000Z',
      effective_no_later_than: '2026-11-22T10:01:05.000Z',
      complete: false,
      gateways: [],
    };
    const { stderr } = await ask(
      ['auth', 'revoke-key', KEY_ID, '--wait', '--yes'],
      revokedKeyJson({ receipt }),
    );
    assert.match(stderr, /gateways that are not listed: reckon with them until 2026-11-22 10:01:05 UTC/);
  });

  it('says when a key was revoked before', async () => {
    const { stderr, stdout } = await ask(
      ['auth', 'revoke-key', KEY_ID, '-y'],
      revokedKeyJson({ revoked_count: 0 }),
    );
    assert.match(stderr, /was revoked before/);
    assert.equal(stdout, '');
  });

  it('ends a grace', async () => {
    const { call, stderr } = await ask(['auth', 'end-grace', KEY_ID, OLD_PREFIX, '--yes'], keyJson());
    assert.equal(call, `DELETE ${KEYS}/${KEY_ID}/retired-secrets/${OLD_PREFIX}`);
    assert.match(stderr, new RegExp(`The secret ${OLD_PREFIX} of the key "ci" .* does not work any more`));
  });

  it('shows a key with who still uses its retired secrets', async () => {
    const unused = retiredSecret({
      key_prefix: 'hk_live_UNUSED000000',
      last_used_at: null,
      last_used_ip: null,
    });
    const key = keyJson({
      retired_secrets: [retiredSecret(), unused],
      expires_at: '2099-01-01T00:00:00.000Z',
    });
    const { call, stdout } = await ask(['auth', 'show-key', KEY_ID], key);
    assert.equal(call, `GET ${KEYS}/${KEY_ID}`);
    assert.match(stdout, /Expires +2099-01-01 00:00:00 UTC \(in \d+ days\)/);
    assert.match(stdout, /previous secret last used at 2026-11-10 12:30:15 UTC \(.*\) from 192\.0\.2\.7\n/);
    assert.match(stdout, /hk_live_UNUSED000000: accepted until .*; previous secret never used\n/);
  });

  it('lists keys by every filter', async () => {
    const args = ['auth', 'list-keys', '--user', USER_ID, '--state', 'active', '--environment', 'live'];
    args.push('--scope', 'keys:read', '--name', 'a b', '--limit', '7', '--cursor', 'c0');
    args.push('--unused-since', '30d', '--expires-before', '7d');
    const { url, stdout } = await ask(args, page([keyJson()]));
    const { searchParams, pathname } = new URL(url, gateway.url);
    const { unused_since: unused, expires_before: expires, ...rest } = Object.fromEntries(searchParams);
    assert.equal(pathname, KEYS);
    assert.deepEqual(rest, {
      user_id: USER_ID,
      state: 'active',
      environment: 'live',
      scope: 'keys:read',
      name: 'a b',
      limit: '7',
      cursor: 'c0',
    });
    assert.ok(Math.abs(Date.parse(unused ?? '') - (Date.now() - 30 * DAY_MS)) < 60 * SECOND_MS, unused);
    assert.ok(Math.abs(Date.parse(expires ?? '') - (Date.now() + 7 * DAY_MS)) < 60 * SECOND_MS, expires);
    assert.match(stdout, /^ID +NAME +STATE/);
  });

  it('pages through a list up to the limit', async () => {
    const keys = (count: number) => Array.from({ length: count }, () => keyJson());
    gateway.reply(answer(200, page(keys(200), 'c1')), answer(200, page(keys(50), 'c2')));
    const { code, stdout, stderr } = await hokusai(['auth', 'list-keys', '--limit', '250', '--json'], {
      env,
    });
    assert.equal(code, 0);
    const asked = gateway.asked.map(({ url }) => url.split('?')[1]);
    assert.deepEqual(asked, ['limit=200', 'limit=50&cursor=c1']);
    const { data, next_cursor } = JSON.parse(stdout);
    assert.deepEqual([data.length, next_cursor], [250, 'c2']);
    assert.match(stderr, /There are more keys than these 250/);
  });

  it('pages through all of a list', async () => {
    const first = [keyJson({ id: 'a' })];
    gateway.reply(answer(200, page(first, 'c1')), answer(200, page([keyJson({ id: 'b' })])));
    const { stdout } = await hokusai(['auth', 'list-keys', '--all', '--json'], { env });
    const { data, next_cursor } = JSON.parse(stdout);
    assert.deepEqual([data.map(({ id }: { id: string }) => id), next_cursor], [['a', 'b'], null]);
    assert.deepEqual(
      gateway.asked.map(({ url }) => url.split('?')[1]),
      ['limit=200', 'limit=200&cursor=c1'],
    );
  });

  it('says that a list is empty, and keeps stdout so', async () => {
    const { stdout, stderr } = await ask(['auth', 'list-keys'], page([]));
    assert.deepEqual([stdout, stderr], ['', 'No keys.\n']);
  });

  it('says who one is, and from where it knows', async () => {
    const { call, stdout, stderr } = await ask(['auth', 'whoami'], whoamiJson());
    assert.equal(call, 'GET /api/v1/auth/whoami');
    assert.match(stdout, /^User +Ada \(/);
    assert.match(stderr, /\(from HOKUSAI_API_URL\) with the key from HOKUSAI_API_KEY/);
  });

  for (const { args, expected, body, reply } of [
    {
      args: ['list', '--external-id', 'x', '--email', 'a@b', '--role', 'admin', '--state', 'disabled'],
      expected: 'GET /api/v1/users?external_id=x&email=a%40b&role=admin&state=disabled&limit=50',
      reply: page([userJson()]),
    },
    {
      args: [
        'create',
        '--display-name',
        'Ada',
        '--email',
        'a@b',
        '--external-id',
        'x',
        '--role',
        'admin',
        '--rate-limit',
        '9',
      ],
      expected: 'POST /api/v1/users',
      body: { display_name: 'Ada', email: 'a@b', external_id: 'x', role: 'admin', rate_limit_per_hour: 9 },
    },
    { args: ['show', USER_ID], expected: `GET /api/v1/users/${USER_ID}` },
    {
      args: [
        'update',
        USER_ID,
        '--display-name',
        'B',
        '--no-email',
        '--role',
        'member',
        '--rate-limit',
        'none',
      ],
      expected: `PATCH /api/v1/users/${USER_ID}`,
      body: { display_name: 'B', email: null, role: 'member', rate_limit_per_hour: null },
    },
    {
      args: ['disable', USER_ID, '--yes'],
      expected: `PATCH /api/v1/users/${USER_ID}`,
      body: { disabled: true },
    },
    { args: ['enable', USER_ID], expected: `PATCH /api/v1/users/${USER_ID}`, body: { disabled: false } },
  ]) {
    it(`asks for users ${args[0]}`, async () => {
      const { call, stdout, ...asked } = await ask(['users', ...args], reply ?? userJson());
      assert.equal(call, expected);
      assert.deepEqual(asked.body, body);
      assert.match(stdout, /Ada/);
    });
  }

  it("prints the API's JSON to the letter", async () => {
    const json = '{"id":  1.0, "unknown": "ü\\u00e9", "data": [], "next_cursor": null}\n';
    gateway.reply(answer(200, json));
    assert.equal((await hokusai(['auth', 'list-keys', '--json'], { env })).stdout, json);
  });

  it('lets no control character of a name reach the terminal', async () => {
    const name = 'a\u001b[2Jb\u009b1mc\u202ed\ne';
    const { stdout } = await ask(['auth', 'list-keys'], page([keyJson({ name })]));
    assert.match(stdout, /a\\u001b\[2Jb\\u009b1mc\\u202ed\\u000ae/);
    gateway.asked.length = 0;
    const { stdout: json } = await ask(['auth', 'show-key', KEY_ID, '--json'], keyJson({ name }));
    assert.equal(JSON.parse(json).name, name);
    assert.doesNotMatch(json.trimEnd(), /\p{Cc}|\u202e/u);
  });

  for (const args of [['create'], ['update', USER_ID]]) {
    it(`says what the name of a user is called, where it was called otherwise: ${args[0]}`, async () => {
      const { code, stdout, stderr } = await hokusai(['users', ...args, '--name', 'Ada'], { env });
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /Here it is --display-name, not --name\./);
      assert.equal(gateway.asked.length, 0);
    });
  }

  for (const args of [
    ['auth', 'create-key'],
    ['auth', 'create-key', '--name', 'x', '--expires', 'tomorrow'],
    ['auth', 'create-key', '--name', 'x', '--expires', '2026-02-30T00:00:00Z'],
    ['auth', 'create-key', '--name', 'x', '--rate-limit', '-1'],
    ['auth', 'create-key', '--name', 'x', '--environment', 'prod'],
    ['auth', 'create-key', '--name', 'x', 'y'],
    ['auth', 'rotate-key', KEY_ID, '--grace', 'never'],
    ['auth', 'update-key', KEY_ID],
    ['auth', 'show-key', '../../users'],
    ['auth', 'show-key', OLD_PREFIX],
    ['auth', 'end-grace', KEY_ID, '../..', '--yes'],
    ['auth', 'list-keys', '--limit', '0'],
    ['auth', 'nope'],
    ['users', 'update', USER_ID],
    ['--nope'],
  ]) {
    it(`refuses a wrong command line before asking: ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await hokusai(args, { env });
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.notEqual(stderr, '');
      assert.equal(gateway.asked.length, 0);
    });
  }
});
