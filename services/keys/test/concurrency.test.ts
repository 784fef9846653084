/**
 * Two replicas of the service on one database, both with a sweeper, and fifty clients that create, change, rotate,
 * let expire, revoke, disable and enable all at once, some of it twice. `npm run soak -- keys` does it for longer.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type AuditEvent, createServiceClient, type KeyEvent, services } from '@hokusai/contracts';
import { createPool, type Pool } from '@hokusai/service-kit';
import {
  createDatabase,
  eventually,
  freePort,
  grpcToken,
  spawnService,
  type TestDatabase,
} from '@hokusai/testing';
import { serviceEnvironment } from './support/service.ts';
import {
  type Account,
  type ReplicaClients,
  runClients,
  type Step,
  type Workload,
} from './support/workload.ts';

const CLIENTS = 50;
const MEMBERS = 12;
const STEPS_OF_EACH = 24;
/** For how long instead, in milliseconds; 0: so many steps. */
const soakMs = Number(process.env['HOKUSAI_SOAK_SECONDS'] ?? 0) * 1000;
/** Instead of the id of a request. */
const OF_SWEEPER = '';
const REFUSED: readonly Step['outcome'][] = ['permission_denied', 'not_found', 'unprocessable'];

const ACTIONS: Readonly<Record<Step['operation'], string>> = {
  ...{ create: 'key.created', rotate: 'key.rotated', end: 'key.secret_ended' },
  ...{ update: 'key.updated', rescope: 'key.updated', expire: 'key.updated', revive: 'key.updated' },
  ...{ revoke: 'key.revoked', cascade: 'key.revoked' },
  ...{ disable: 'user.disabled', enable: 'user.enabled', validate: '' },
};

/**
 * How many changes a step made. undefined: one or none, as ending what has ended, or disabling whom somebody
 * else has disabled, changes nothing, and of two with one Idempotency-Key one does it.
 */
function numberOfChanges({ operation, outcome, revokedCount, attempt }: Step): number | undefined {
  if (outcome !== 'done' || operation === 'validate') return 0;
  if (operation === 'revoke' || operation === 'cascade') return revokedCount ?? 0;
  if (attempt !== undefined) return undefined;
  return operation === 'create' || operation === 'update' || operation === 'rotate' ? 1 : undefined;
}

describe('many clients of two replicas at once', function () {
  this.timeout(180_000 + soakMs);
  let database: TestDatabase;
  let pool: Pool;
  const replicas: (ReplicaClients & { stop(): Promise<void> })[] = [];
  let workload: Workload;
  /** Audit events by request. */
  const audited = new Map<string, AuditEvent[]>();
  const keyEvents: { action: string; data: KeyEvent }[] = [];

  before(async () => {
    database = await createDatabase('keys');
    pool = createPool({
      ...{ connectionString: database.url, max: 4, applicationName: 'test', onError: () => {} },
    });
    replicas.push(...(await Promise.all([startReplica(), startReplica()])));
    const members = await Promise.all(Array.from({ length: MEMBERS }, () => insertAccount('member')));
    const admin = await insertAccount('admin');
    const end = Date.now() + soakMs;
    const isEnough = (steps: number) => (soakMs > 0 ? Date.now() > end : steps >= STEPS_OF_EACH);
    workload = await runClients({ replicas, admin, members, random: Math.random }, CLIENTS, isEnough);
    const due = "select from api_keys where expiry_due_at <= now() + interval '2 seconds'";
    await eventually(async () => assert.equal((await pool.query(due)).rowCount, 0));
    await readEvents();
  });

  after(async () => {
    for (const { stop } of replicas) await stop();
    await pool?.end();
    await database?.close();
  });

  const done = (...operations: Step['operation'][]) =>
    workload.steps.filter((step) => step.outcome === 'done' && operations.includes(step.operation));
  const eventsOf = ({ requestId }: Step, outcome: AuditEvent['outcome']) =>
    (audited.get(requestId) ?? []).filter((event) => event.outcome === outcome);

  it('answer each request with what was done, or a refusal, or that somebody else was first', () => {
    const outcomes = Map.groupBy(workload.steps, ({ operation, outcome }) => `${operation} ${outcome}`);
    const counts = [...outcomes].map(([name, steps]) => `${name}: ${steps.length}`);
    const known = ['done', 'conflict', ...REFUSED];
    const unknown = workload.steps.filter(({ outcome }) => !known.includes(outcome));
    assert.deepEqual(unknown, [], counts.join(', '));
    for (const operation of Object.keys(ACTIONS) as Step['operation'][]) {
      assert.ok(done(operation).length > 0, `${operation} never got through: ${counts.join(', ')}`);
    }
    assert.ok(outcomes.has('rotate conflict') || outcomes.has('update conflict'), counts.join(', '));
  });

  it('show no client an older version of a key than it has seen', () => {
    assert.deepEqual(workload.regressions, []);
  });

  it('leave each key one current secret, and all others retired', async () => {
    const { rows } = await pool.query<{ id: string; key_prefix: string; retired: string[] }>(
      `select id, key_prefix, array(select key_prefix from retired_secrets where key_id = k.id) as retired
       from api_keys k`,
    );
    const stored = new Map(rows.map((row) => [row.id, row]));
    const bySecret = Map.groupBy(done('create', 'rotate'), ({ target }) => target);
    for (const { id } of workload.keys) {
      const issued = (bySecret.get(id) ?? []).map(({ key }) => ({
        prefix: key?.keyPrefix ?? '',
        version: BigInt(key?.version ?? 0),
      }));
      const newest = issued.reduce((one, other) => (one.version > other.version ? one : other));
      assert.equal(stored.get(id)?.key_prefix, newest.prefix);
      const older = issued.filter(({ prefix }) => prefix !== newest.prefix).map(({ prefix }) => prefix);
      assert.deepEqual(stored.get(id)?.retired.toSorted(), [...new Set(older)].toSorted());
    }
  });

  it('prove every secret on both replicas, and as current the current one alone', async () => {
    for (const { validation } of replicas) {
      for (const { id, secrets } of workload.keys) {
        const answers = await Promise.all(
          [...secrets.values()].map((key) => validation.call('ValidateKey', { key })),
        );
        assert.ok(answers.every(({ proof }) => proof?.keyId === id));
        assert.equal(answers.filter(({ proof }) => proof?.retiredAt === null).length, 1);
      }
    }
  });

  it('let the versions of each key rise, one for each change', async () => {
    const { rows } = await pool.query<{ key_id: string; version: string }>(
      'select key_id, version from key_changes order by key_id, at',
    );
    const versions = Map.groupBy(rows, ({ key_id }) => key_id);
    const told = Map.groupBy(keyEvents, ({ data }) => data.key_id);
    const ofUsers = Map.groupBy(
      [...audited.values()].flat().filter(({ action, outcome }) => isOfUser(action) && outcome === 'success'),
      ({ target }) => target?.id ?? '',
    );
    const stopped = new Set([...targetsOf('key.revoked'), ...targetsOf('key.expired')]);
    for (const { id, userId } of workload.keys) {
      const risen = (versions.get(id) ?? []).map(({ version }) => BigInt(version));
      assert.deepEqual(
        risen,
        [...new Set(risen)].toSorted((a, b) => Number(a - b)),
        `versions of ${id}`,
      );
      const events = (told.get(id) ?? []).map(({ data }) => BigInt(data.version));
      assert.equal(new Set(events).size, events.length, `key events of ${id} share a version`);
      assert.ok(events.every((version) => risen.includes(version)));
      // What is left are the changes of the owner since the key was made; one that is revoked or swept has no part in them.
      const created = done('create').find(({ target }) => target === id)?.key?.createdAt;
      const createdMs = Number(created?.seconds) * 1000 + Number(created?.nanos) / 1e6;
      const since = (ofUsers.get(userId) ?? []).filter((event) => Date.parse(event.occurred_at) >= createdMs);
      const left = risen.length - events.length;
      assert.ok(stopped.has(id) ? left <= since.length : left === since.length, `${left} of ${since.length}`);
    }
  });

  it('write one audit event for each change, and none without', () => {
    for (const step of workload.steps) {
      const events = eventsOf(step, 'success');
      const expected = numberOfChanges(step);
      assert.ok(
        expected === undefined ? events.length <= 1 : events.length === expected,
        JSON.stringify(step),
      );
      assert.ok(events.every(({ action }) => action === ACTIONS[step.operation]));
      assert.ok(events.every(({ target }) => isReached(step, target?.id ?? '')));
      assert.equal(new Set(events.map(({ target }) => target?.id)).size, events.length);
    }
    for (const step of done('rotate').filter(({ attempt }) => attempt === undefined)) {
      assert.equal(eventsOf(step, 'success')[0]?.after?.['key_prefix'], step.key?.keyPrefix);
    }
    const requests = new Set(workload.steps.map(({ requestId }) => requestId));
    assert.deepEqual(
      [...audited.keys()].filter((requestId) => requestId !== OF_SWEEPER && !requests.has(requestId)),
      [],
    );
    const bySweeper = audited.get(OF_SWEEPER) ?? [];
    assert.ok(bySweeper.length > 0 && bySweeper.every(({ action }) => action === 'key.expired'));
  });

  it('do once what is asked for twice at once, and answer both the same', () => {
    const attempts = Map.groupBy(
      workload.steps.filter(({ attempt }) => attempt !== undefined),
      ({ attempt }) => attempt,
    );
    let answeredTwice = 0;
    for (const [, steps] of attempts) {
      const answered = steps.filter(({ outcome }) => outcome === 'done');
      assert.ok(new Set(answered.map(({ plaintext }) => plaintext)).size <= 1, JSON.stringify(steps));
      assert.ok(new Set(answered.map(({ target }) => target)).size <= 1, JSON.stringify(steps));
      const changed = steps.flatMap((step) => eventsOf(step, 'success'));
      assert.equal(changed.length, Math.min(1, answered.length), JSON.stringify(steps));
      if (answered.length > 1) answeredTwice += 1;
    }
    assert.ok(answeredTwice > 0, `of ${attempts.size} attempts none was answered twice`);
  });

  it('leave no descendant of a cascade at work, but those that had expired', async () => {
    const { rows } = await pool.query<{ id: string }>('select id from api_keys where revoked_at is not null');
    const revoked = new Set(rows.map(({ id }) => id));
    const expired = new Set(targetsOf('key.expired'));
    const cascaded = new Set(done('cascade').map(({ target }) => target));
    const family = workload.keys.filter(({ id }) =>
      ancestorsOf(id).some((ancestor) => cascaded.has(ancestor)),
    );
    assert.ok(family.length > 0);
    assert.deepEqual(
      family.filter(({ id }) => !revoked.has(id) && !expired.has(id)),
      [],
    );
  });

  it('write a key event for each of them', () => {
    assert.equal(changes('key.created'), keyChanges('created'));
    assert.equal(changes('key.rotated'), keyChanges('rotated'));
    assert.equal(changes('key.revoked'), keyChanges('revoked'));
    assert.equal(changes('key.expired'), keyChanges('expired'));
    const revoked = targetsOf('key.revoked');
    assert.equal(new Set(revoked).size, revoked.length, 'a key was revoked twice');
    assert.equal(changes('key.updated') + changes('key.secret_ended'), keyChanges('updated'));
  });

  it('audit the disabling and enabling of a user in turn, as often as it happened', () => {
    const events = [...audited.values()].flat().filter(({ outcome }) => outcome === 'success');
    for (const [, ofUser] of Map.groupBy(
      events.filter(({ action }) => isOfUser(action)),
      ({ target }) => target?.id,
    )) {
      const disabled = ofUser.filter(({ action }) => action === 'user.disabled').length;
      assert.ok([0, 1].includes(disabled - (ofUser.length - disabled)));
      const times = done('disable')
        .filter(({ target }) => target === ofUser[0]?.target?.id)
        .map(({ disabledAt }) => JSON.stringify(disabledAt));
      assert.equal(new Set(times).size, disabled);
    }
  });

  it('audit each refusal, and each that came too late, though several are one event', () => {
    const events = [...audited.values()].flat();
    const audits = (action: string, outcome: AuditEvent['outcome']) =>
      events
        .filter((event) => event.action === action && event.outcome === outcome)
        .reduce((sum, { count }) => sum + count, 0);
    const answers = (action: string, outcomes: readonly Step['outcome'][]) =>
      workload.steps.filter(
        ({ operation, outcome }) => ACTIONS[operation] === action && outcomes.includes(outcome),
      ).length;
    for (const action of new Set(Object.values(ACTIONS))) {
      assert.equal(audits(action, 'refused'), answers(action, REFUSED), action);
      assert.equal(audits(action, 'failed'), answers(action, ['conflict']), action);
    }
    assert.ok(events.some(({ count }) => count > 1));
  });

  it('stop all keys of those who are disabled', async () => {
    const { users, keys, validation } = replicas[0] as ReplicaClients;
    const { admin, members } = accounts;
    const disabled = members.slice(0, MEMBERS / 2);
    for (const { userId } of disabled) {
      const caller = { actingKeyId: admin?.actingKeyId ?? '' };
      await users.call('UpdateUser', { caller, userId, updateMask: { paths: ['disabled'] }, disabled: true });
    }
    for (const { userId } of disabled) {
      for (const { id, secrets } of workload.keys.filter((key) => key.userId === userId)) {
        for (const key of secrets.values()) {
          const { state } = await validation.call('ValidateKey', { key });
          assert.ok(state?.owner?.disabledAt);
        }
        await assert.rejects(keys.call('GetKey', { caller: { actingKeyId: id }, keyId: id }), {
          code: 'permission_denied',
        });
      }
    }
    const { rows } = await pool.query(
      `select k.id from api_keys k join users u on u.id = k.user_id where k.created_at > u.disabled_at`,
    );
    assert.deepEqual(rows, []);
  });

  const accounts: { admin?: Account; members: Account[] } = { members: [] };

  async function insertAccount(role: 'member' | 'admin'): Promise<Account> {
    const [userId, actingKeyId] = [randomUUID(), randomUUID()];
    const scopes = role === 'admin' ? ['admin'] : ['mlflow:read', 'mlflow:write', 'keys:read', 'keys:write'];
    await pool.query("insert into users (id, display_name, role) values ($1, 'Somebody', $2)", [
      userId,
      role,
    ]);
    await pool.query(
      `insert into api_keys (id, key_prefix, key_hash, user_id, name, environment, scopes, rate_limit_per_hour,
         version)
       values ($1, $2, '$argon2id$', $3, 'acting', 'live', $4, 20000, 1)`,
      [actingKeyId, actingKeyId.slice(0, 20), userId, scopes],
    );
    const account = { userId, actingKeyId };
    if (role === 'admin') accounts.admin = account;
    else accounts.members.push(account);
    return account;
  }

  async function startReplica() {
    const port = await freePort();
    const env = {
      ...serviceEnvironment(database.url),
      ...{ KEYS_GRPC_PORT: String(port), HEALTH_PORT: String(await freePort()), LOG_LEVEL: 'error' },
      // Nearly all of the attempts are to get through.
      ...{ MAX_KEYS_PER_USER: '100000', ARGON2_QUEUE: '1000', EXPIRY_SWEEP_SECONDS: '1' },
    };
    const service = await spawnService({ entry: 'services/keys/src/main.ts', env, readyTimeoutMs: 60_000 });
    const options = { peer: 'keys', address: `127.0.0.1:${port}`, timeoutMs: 60_000, token: grpcToken };
    const clients = {
      keys: createServiceClient(services.keyManagement, options),
      users: createServiceClient(services.userManagement, options),
      validation: createServiceClient(services.keyValidation, options),
    };
    const stop = async () => {
      for (const client of Object.values(clients)) client.close();
      await service.stop();
    };
    return { ...clients, stop };
  }

  async function readEvents(): Promise<void> {
    const { rows } = await pool.query<{ subject: string; payload: { data: unknown } }>(
      'select subject, payload from outbox order by seq',
    );
    for (const { subject, payload } of rows) {
      if (subject.startsWith('hokusai.keys.v1.events.')) {
        keyEvents.push({ action: subject.split('.').at(-1) ?? '', data: payload.data as KeyEvent });
      } else {
        const event = payload.data as AuditEvent;
        const requestId = event.request_id ?? OF_SWEEPER;
        audited.set(requestId, [...(audited.get(requestId) ?? []), event]);
      }
    }
  }

  /** The key that created a key, the one that created that, and so on. */
  const ancestorsOf = (id: string): string[] => {
    parents ??= new Map(done('create').map(({ target, key }) => [target, key?.createdByKeyId ?? '']));
    const parent = parents.get(id);
    return parent === undefined ? [] : [parent, ...ancestorsOf(parent)];
  };
  let parents: Map<string, string> | undefined;
  const isReached = ({ operation, target }: Step, id: string) =>
    id === target || (operation === 'cascade' && ancestorsOf(id).includes(target));
  const targetsOf = (action: string) =>
    [...audited.values()]
      .flat()
      .filter((event) => event.action === action && event.outcome === 'success')
      .map(({ target }) => target?.id ?? '');
  const isOfUser = (action: string) => action.startsWith('user.');
  const changes = (action: string) =>
    [...audited.values()].flat().filter((event) => event.action === action && event.outcome === 'success')
      .length;
  const keyChanges = (action: string) => keyEvents.filter((event) => event.action === action).length;
});
