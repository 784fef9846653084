/** Lists of keys, on real Postgres. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createDatabase, type TestDatabase } from '@hokusai/testing';
import type { ListRequest } from '../src/domain/listing.ts';
import { type Core, type IssuedKey, openCore, refusal } from './support/core.ts';

const HOUR_MS = 3_600_000;

describe('listing keys', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let core: Core;
  let admin: IssuedKey;
  let member: IssuedKey;

  before(async () => {
    database = await createDatabase('keys');
    core = openCore(database.url);
    admin = await core.bootstrapAdmin();
    const scopes = ['mlflow:read', 'mlflow:write', 'keys:read', 'keys:write'];
    member = await core.issue(admin, { name: 'member', userId: await core.addUser(), scopes });
    await core.issue(member, { name: '100% Blue_ocean' });
    await core.issue(member, { name: 'a test', environment: 'test' });
    await core.issue(admin, {
      name: 'soon',
      expiresAt: new Date(Date.now() + HOUR_MS),
      scopes: ['audit:read'],
    });
    const gone = await core.issue(admin, { name: 'gone' });
    await core.revoke(admin, gone.key.id);
    const stale = await core.issue(admin, { name: 'stale', expiresAt: new Date(Date.now() + HOUR_MS) });
    await core.pool.query("update api_keys set expires_at = now() - interval '1 hour' where id = $1", [
      stale.key.id,
    ]);
    await core.pool.query("update api_keys set last_used_at = now() where name = 'member'");
  });

  after(async () => {
    await core.close();
    await database.close();
  });

  const nothing: ListRequest = {
    ...{
      pageSize: 0,
      cursor: '',
      userId: '',
      standing: null,
      environment: null,
      scope: '',
      nameContains: '',
    },
    ...{ unusedSince: null, expiresBefore: null },
  };
  const list = (by: IssuedKey, request: Partial<ListRequest> = {}) =>
    core.management.listKeys(by.caller, { ...nothing, ...request });
  const names = async (request: Partial<ListRequest>, by = admin) =>
    (await list(by, request)).keys.map(({ name }) => name);

  it('is newest first, a page at a time, each key once', async () => {
    const all = await names({});
    assert.deepEqual(all, [
      'stale',
      'gone',
      'soon',
      'a test',
      '100% Blue_ocean',
      'member',
      'bootstrap admin',
    ]);
    const seen: string[] = [];
    let cursor = '';
    do {
      const page = await list(admin, { pageSize: 3, cursor });
      seen.push(...page.keys.map(({ name }) => name));
      cursor = page.nextCursor;
    } while (cursor !== '');
    assert.deepEqual(seen, all);
  });

  it('pages through keys of the same instant', async () => {
    const userId = await core.addUser();
    const insert = `insert into api_keys (id, key_prefix, key_hash, user_id, name, environment, scopes,
        rate_limit_per_hour, created_at, version)
      select gen_random_uuid(), 'same ' || n, '$argon2id$', $1, 'same', 'live', '{mlflow:read}', 1, '2020-01-01', 1
      from generate_series(1, 25) n`;
    await core.pool.query(insert, [userId]);
    const ids: string[] = [];
    let cursor = '';
    do {
      const page = await list(admin, { userId, pageSize: 10, cursor });
      ids.push(...page.keys.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== '');
    assert.equal(ids.length, 25);
    assert.equal(new Set(ids).size, 25);
  });

  it('filters', async () => {
    const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS);
    const own = { userId: member.key.userId };
    const cases: [Partial<ListRequest>, string[]][] = [
      [own, ['a test', '100% Blue_ocean', 'member']],
      [{ userId: randomUUID() }, []],
      [{ standing: 'revoked' }, ['gone']],
      [{ standing: 'expired' }, ['stale']],
      [{ ...own, standing: 'active' }, ['a test', '100% Blue_ocean', 'member']],
      [{ environment: 'test' }, ['a test']],
      [{ scope: 'audit:read' }, ['soon']],
      [{ nameContains: 'BLUE' }, ['100% Blue_ocean']],
      [{ nameContains: '0% B' }, ['100% Blue_ocean']],
      [{ nameContains: 'e_o' }, ['100% Blue_ocean']],
      [{ nameContains: 'oc' }, ['100% Blue_ocean']],
      [{ ...own, nameContains: 'T' }, ['a test']],
      [{ nameContains: 'ue' }, []],
      [{ ...own, nameContains: '%' }, ['100% Blue_ocean']],
      [{ nameContains: '\\' }, []],
      [{ ...own, unusedSince: inHours(-1) }, ['a test', '100% Blue_ocean']],
      [{ expiresBefore: inHours(2) }, ['stale', 'soon']],
      [{ expiresBefore: inHours(0) }, ['stale']],
      [{ ...own, environment: 'live', nameContains: 'm' }, ['member']],
    ];
    for (const [request, expected] of cases) {
      assert.deepEqual(await names(request), expected, JSON.stringify(request));
    }
  });

  it('shows a member their own keys only, whatever they filter for', async () => {
    assert.deepEqual(await names({}, member), ['a test', '100% Blue_ocean', 'member']);
    assert.deepEqual(await names({ userId: admin.key.userId }, member), []);
    const { nextCursor } = await list(admin, { pageSize: 1 });
    const refused = ['invalid_request', 'invalid_cursor'];
    assert.deepEqual(await refusal(list(member, { cursor: nextCursor })), refused);
    assert.deepEqual(await refusal(list(admin, { cursor: nextCursor, environment: 'live' })), refused);
  });

  it('refuses a forged cursor, and a caller without keys:read', async () => {
    assert.deepEqual(await refusal(list(admin, { cursor: 'AAAA' })), ['invalid_request', 'invalid_cursor']);
    const writer = await core.issue(admin, { scopes: ['keys:write'] });
    assert.deepEqual(await refusal(list(writer)), ['permission_denied', 'scope_missing']);
  });
});
