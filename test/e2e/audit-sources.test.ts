/** What leaves an audit event: each line of the documented table, done for real and by each of its doors. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createServiceClient, services } from '@hokusai/contracts';
import { eventually } from '@hokusai/testing';
import { hokusai } from '../../packages/cli/test/support/command.ts';
import { type AuditRow, type Outcome, readAuditTable } from './support/audit-table.ts';
import { type Attempt, type Ground, OPERATIONS } from './support/audited-operations.ts';
import { queryRows } from './support/query.ts';
import { type CreatedKey, call, createKey } from './support/rest.ts';
import { type Stack, sharedStack } from './support/stack.ts';

const root = join(import.meta.dirname, '../..');
const USER_AGENT = 'audit-sources/1';
const CLIENT_IP = '192.0.2.77';

interface Told {
  action: string;
  outcome: Outcome;
  actor: { user_id: string; key_id: string; via: string; service?: string };
  target: { type: string; id: string; owner_user_id?: string } | null;
  before: object | null;
  after: Record<string, unknown> | null;
  reason: string | null;
  count: number;
  request_id: string | null;
  trace_id: string | null;
  /** Digests by name. */
  personal: Record<string, string>;
}

const table = readAuditTable();
const LANES = 6;
const PATIENCE = { timeoutMs: 60_000 };

/** One operation by one door with one outcome, and the action of its event. */
interface Scenario {
  operation: string;
  door: string;
  outcome: Outcome;
  actions: string[];
}

const scenarios: Scenario[] = table.flatMap(({ operations, outcomes }) =>
  operations
    .filter((operation) => operation in OPERATIONS)
    .flatMap((operation) =>
      (Object.entries(outcomes) as [Outcome, AuditRow['outcomes'][Outcome]][]).flatMap(
        ([outcome, { actions, doors }]) =>
          actions.length === 0 ? [] : doors.map((door) => ({ operation, door, outcome, actions })),
      ),
    ),
);

/** The gateway refuses it, since the key's scopes do not suffice. */
function isByScope({ operation, outcome, actions }: Scenario): boolean {
  return actions.includes('auth.refused') && OPERATIONS[operation]?.[outcome] !== undefined;
}

describe('the audit log, on the running stack,', function () {
  this.timeout(400_000);
  let stack: Stack;

  /** Several at a time: each waits for most of its time. */
  const performed = new Map<Scenario, Promise<void>>();

  before(async function () {
    this.timeout(300_000);
    stack = await sharedStack();
    const lanes = new Map(scenarios.map((scenario) => [scenario, Promise.withResolvers<void>()]));
    for (const [scenario, { promise }] of lanes) {
      promise.catch(() => {});
      performed.set(scenario, promise);
    }
    const settle = async (some: readonly Scenario[], work: Promise<void>) => {
      for (const scenario of some) lanes.get(scenario)?.resolve(work);
      await work.catch(() => {});
    };
    const rest = scenarios.filter((scenario) => !isByScope(scenario)).values();
    const performRest = async () => {
      for (const scenario of rest) await settle([scenario], perform(scenario));
    };
    const byScope = scenarios.filter(isByScope);
    void settle(byScope, performRefusedByScope(byScope));
    for (let lane = 0; lane < LANES; lane += 1) void performRest();
  });

  const admin = (method: string, path: string, body?: object) =>
    call(stack.gatewayUrl, stack.adminKey, method, path, body);
  const told = async (condition: string, values: unknown[]) =>
    (
      await queryRows(
        stack.env['AUDIT_OWNER_DATABASE_URL'],
        `select body from audit_events where ${condition} order by chain_seq`,
        values,
      )
    ).map(({ body }) => JSON.parse(String(body)) as Told);

  async function newUser(): Promise<{ userId: string; externalId: string }> {
    const externalId = randomUUID();
    const { body } = await admin('POST', '/api/v1/users', {
      display_name: 'Somebody',
      external_id: externalId,
    });
    return { userId: String(body['id']), externalId };
  }

  async function prepare(
    by: Attempt['by'],
  ): Promise<{ ground: Ground; acting: CreatedKey; actorId: string }> {
    const [owner, member] = [await newUser(), await newUser()];
    const key = await createKey(stack.gatewayUrl, stack.adminKey, { name: 'target', user_id: owner.userId });
    const rotated = await admin('POST', `/api/v1/auth/keys/${key.id}/rotate`, { grace_period_seconds: 3600 });
    const scopes = {
      admin: ['admin'],
      member: ['keys:read', 'keys:write', 'audit:read'],
      weak: ['mlflow:read'],
    };
    const fields = { name: 'acting', scopes: scopes[by], ...(by !== 'admin' && { user_id: member.userId }) };
    const acting = await createKey(stack.gatewayUrl, stack.adminKey, fields);
    const [event] = await queryRows(
      stack.env['AUDIT_OWNER_DATABASE_URL'],
      'select event_id from audit_events limit 1',
      [],
    );
    const { body } = await call(stack.gatewayUrl, acting.key, 'GET', '/api/v1/auth/whoami');
    const ground = {
      ...{ keyId: key.id, foreignKeyId: key.id, retiredPrefix: key.key_prefix, ...owner },
      ...{ eventId: String(event?.['event_id']), version: Number(rotated.body['version']) },
    };
    return { ground, acting, actorId: (body['user'] as { id: string }).id };
  }

  /** By which door; what comes of it shows in the log. */
  async function attempt(door: string, { rest, cli, grpc }: Attempt, acting: CreatedKey): Promise<void> {
    if (door === 'REST' && rest) {
      const [method, path, body] = rest;
      const headers = {
        authorization: `Bearer ${acting.key}`,
        'user-agent': USER_AGENT,
        'content-type': 'application/json',
      };
      const response = await fetch(`${stack.gatewayUrl}${path}`, {
        ...{ method, headers },
        ...(body && { body: JSON.stringify(body) }),
      });
      await response.text();
    } else if (door === 'CLI' && cli) {
      const home = join(tmpdir(), `hokusai-cli-${randomUUID()}`);
      const env = { HOKUSAI_API_URL: stack.gatewayUrl, HOME: home, HOKUSAI_CONFIG_DIR: home };
      const isLogin = cli.includes('login');
      await hokusai(cli, {
        env: { ...env, ...(!isLogin && { HOKUSAI_API_KEY: acting.key }) },
        input: isLogin ? acting.key : '',
      });
      await rm(home, { recursive: true, force: true });
    } else if (door === 'gRPC' && grpc) await callService(grpc, acting);
    else assert.fail(`nothing says how it is done by ${door}`);
  }

  async function callService([service, method, request]: NonNullable<Attempt['grpc']>, acting: CreatedKey) {
    const { actorId: actingUserId } = { actorId: (await whoIs(acting)).id };
    const name = service === 'audit' ? 'AUDIT' : 'KEYS';
    const common = { actingKeyId: acting.id, requestId: `grpc-${randomUUID()}`, clientIp: CLIENT_IP };
    const caller = {
      ...common,
      actingKeyPrefix: acting.key_prefix,
      userAgent: USER_AGENT,
      traceId: 'a'.repeat(32),
    };
    const reader = { ...common, actingUserId, isAdmin: (await whoIs(acting)).role === 'admin' };
    const client = createServiceClient(services[service] as typeof services.audit, {
      peer: service,
      address: `127.0.0.1:${stack.env[`${name}_GRPC_PORT`]}`,
      timeoutMs: 30_000,
      token: stack.env[`DEVELOPER_${name}_GRPC_TOKEN`] ?? '',
    });
    const message = { ...request, ...(service === 'audit' ? { reader } : { caller }) };
    try {
      if (method === 'ExportEvents') for await (const _ of client.read(method, message as object, {}));
      else await client.call(method as 'ListEvents', message as object).catch(() => undefined);
    } finally {
      client.close();
    }
  }

  async function whoIs(acting: CreatedKey): Promise<{ id: string; role: string }> {
    const { body } = await call(stack.gatewayUrl, acting.key, 'GET', '/api/v1/auth/whoami');
    return body['user'] as { id: string; role: string };
  }

  function check(
    event: Told | undefined,
    { door, outcome, target, ground, acting, actorId }: Expected,
  ): void {
    assert.ok(event);
    const isByGateway = event.action === 'auth.refused';
    assert.deepEqual([event.outcome, event.count], [isByGateway ? 'refused' : outcome, 1]);
    const { user_id, key_id, via, service } = event.actor;
    assert.deepEqual([user_id, key_id], [actorId, acting.id]);
    assert.deepEqual([via, service], door === 'gRPC' ? ['grpc', 'developer'] : ['gateway', undefined]);
    const owner = target?.type === 'key' ? { owner_user_id: ground.userId } : {};
    if (target && !isByGateway) assert.deepEqual(event.target, { ...target, ...owner });
    assert.ok(event.request_id && event.personal['client_ip']);
    assert.equal(event.reason !== null, outcome !== 'success' || event.action === 'key.revoked');
    if (event.action === 'audit.read') return;
    assert.match(event.trace_id ?? '', /^[0-9a-f]{32}$/);
    assert.ok(event.personal['user_agent']);
    checkChange(event, outcome);
  }

  function checkChange({ action, before, after }: Told, outcome: Outcome): void {
    const isChange = outcome === 'success' && /^(key|user)\./.test(action);
    assert.equal(after !== null && Object.keys(after).length > 0, isChange);
    assert.equal(before !== null && Object.keys(before).length > 0, isChange && !action.endsWith('.created'));
  }

  interface Expected {
    door: string;
    outcome: Outcome;
    target: Attempt['target'];
    ground: Ground;
    acting: CreatedKey;
    actorId: string;
  }

  /** All with one key, whose refusals are folded: the gateway tells few keys of one address apart. */
  async function performRefusedByScope(all: readonly Scenario[]): Promise<void> {
    const { ground, acting, actorId } = await prepare('weak');
    for (const { operation, door, outcome } of all) {
      const planned = OPERATIONS[operation]?.[outcome]?.(ground);
      assert.ok(planned);
      await attempt(door, planned, acting);
    }
    await eventually(
      async () => {
        const [first, ...more] = await told("actor_key_id = $1 and action = 'auth.refused'", [acting.id]);
        check(first, { door: 'REST', outcome: 'refused', target: undefined, ground, acting, actorId });
        assert.equal(
          more.reduce((sum, { count }) => sum + count, 1),
          all.length,
        );
      },
      { timeoutMs: 240_000 },
    );
  }

  async function perform({ operation, outcome, door, actions }: Scenario): Promise<void> {
    const how = OPERATIONS[operation]?.[outcome];
    if (!how && actions.includes('auth.refused')) return performWithRevokedKey(door, operation);
    assert.ok(how, 'nothing says how it is done');
    const { by } = how({} as Ground);
    const { ground, acting, actorId } = await prepare(by);
    if (operation === 'enableUser')
      await admin('PATCH', `/api/v1/users/${ground.userId}`, { disabled: true });
    const planned = how(ground);
    await attempt(door, planned, acting);
    await eventually(async () => {
      const events = await told('actor_key_id = $1 and action = any($2)', [acting.id, actions]);
      assert.equal(events.length, 1, JSON.stringify(events));
      check(events[0], { door, outcome, target: planned.target, ground, acting, actorId });
    }, PATIENCE);
  }

  /** A revoked key is refused whatever it is for. */
  async function performWithRevokedKey(door: string, operation: string): Promise<void> {
    const { acting, actorId, ground } = await prepare('weak');
    await admin('DELETE', `/api/v1/auth/keys/${acting.id}`);
    const isSignIn = operation === 'signIn';
    const [method, path] = isSignIn ? ['POST', '/api/v1/auth/sign-in'] : ['GET', '/api/v1/auth/whoami'];
    const cli = isSignIn ? ['auth', 'login'] : ['auth', 'whoami'];
    await eventually(async () =>
      assert.equal((await call(stack.gatewayUrl, acting.key, 'GET', '/api/v1/auth/whoami')).status, 403),
    );
    await attempt(door, { by: 'weak', rest: [method ?? '', path ?? ''], cli }, acting);
    await eventually(async () => {
      const [event] = await told("actor_key_id = $1 and action = 'auth.refused'", [acting.id]);
      check(event, { door, outcome: 'refused', target: undefined, ground, acting, actorId });
    }, PATIENCE);
  }

  for (const scenario of scenarios) {
    const { operation, door, outcome } = scenario;
    it(`knows that ${operation} by ${door} was ${outcome}`, () => performed.get(scenario));
  }

  it('knows of keys that expire, of requests for upstreams, and of processes', async () => {
    const soon = new Date(Date.now() + 1500).toISOString();
    const key = await createKey(stack.gatewayUrl, stack.adminKey, { name: 'short', expires_at: soon });
    const weak = await createKey(stack.gatewayUrl, stack.adminKey, { name: 'weak', scopes: ['keys:read'] });
    await call(stack.gatewayUrl, weak.key, 'GET', '/mlflow/api/2.0/mlflow/experiments/search?max_results=1');
    await eventually(
      async () => {
        const [expired] = await told("target_id = $1 and action = 'key.expired'", [key.id]);
        assert.deepEqual(
          [expired?.outcome, expired?.actor.via, expired?.before, expired?.after],
          ['success', 'sweeper', { is_active: true }, { is_active: false }],
        );
        assert.ok(expired?.target?.owner_user_id);
        const [refused] = await told("actor_key_id = $1 and action = 'auth.refused'", [weak.id]);
        assert.deepEqual([refused?.target?.type, refused?.reason], ['route', 'scope_missing']);
        const [started] = await told("action = 'gateway.started'", []);
        const configuration = started?.after?.['configuration'] as Record<string, unknown>;
        assert.equal(configuration['KEYS_GRPC_TOKEN'], '[set]');
        const secrets = ['CACHE_SECRETS', 'KEY_TAG_SECRETS'].flatMap(
          (name) => stack.env[name]?.split(':')[1] ?? [],
        );
        assert.equal(secrets.length, 2);
        for (const secret of secrets) assert.ok(!JSON.stringify(started).includes(secret));
      },
      { timeoutMs: 120_000 },
    );
  });

  it('knows who made an admin key on the keys host', async () => {
    const file = join(tmpdir(), `${randomUUID()}.key`);
    const env = { ...process.env, ...stack.env, NODE_OPTIONS: '' };
    const args = [
      'services/keys/bin/hokusai-keys.js',
      'bootstrap-admin',
      '--file',
      file,
      '--reason',
      `lost ${file}`,
    ];
    await promisify(execFile)(process.execPath, args, { cwd: root, env });
    await rm(file);
    await eventually(async () => {
      const events = await told("action = 'key.created' and body like $1", [`%${file}%`]);
      assert.deepEqual(
        events.map(({ outcome, actor, reason }) => [outcome, actor.via, reason]),
        [['success', 'bootstrap', `lost ${file}`]],
      );
      assert.ok(events[0]?.personal['os_user']);
    });
  });

  it('knows what the owner of its tables erased', async () => {
    const user = randomUUID();
    const env = { ...process.env, ...stack.env, NODE_OPTIONS: '' };
    const args = ['--conditions=source', 'services/audit/src/erase.ts', '--user-id', user];
    await promisify(execFile)(process.execPath, args, { cwd: root, env });
    const [event] = await told("action = 'audit.erased' and target_id = $1", [user]);
    assert.deepEqual(
      [event?.outcome, event?.actor.via, event?.target],
      ['success', 'owner', { type: 'user', id: user }],
    );
    assert.deepEqual(event?.after, { by: 'user_id', values: 0, events: 0 });
  });

  it('has a line in its table for each operation of the API and each method', async () => {
    const response = await fetch(`${stack.gatewayUrl}/api/v1/openapi.json`);
    const { paths } = (await response.json()) as {
      paths: Record<string, Record<string, { operationId: string }>>;
    };
    const ids = Object.values(paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    const named = new Set(table.flatMap(({ operations }) => operations));
    assert.deepEqual(
      ids.filter((id) => !named.has(id)),
      [],
    );
    const methods = Object.values(services).flatMap((definition) =>
      Object.values(definition as Record<string, { path: string }>).map(({ path }) =>
        path.replace(/^.*\.(?=\w+\/)/, ''),
      ),
    );
    const listed = table.flatMap((row) => row.methods);
    assert.deepEqual(listed.toSorted(), methods.toSorted());
    const done = [
      'describe',
      'version',
      'between services',
      'a request for an upstream',
      'the expiry of a key',
      "erasing a person's values, pruning old rows",
      'a gateway process',
    ];
    const others = [...named].filter((name) => !(name in OPERATIONS) && !done.includes(name));
    assert.deepEqual(others, ['`hokusai-keys bootstrap-admin`, and the first start']);
  });
});
