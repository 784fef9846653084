/**
 * docs/operations/rollout.md: migrations come before the services of their release, and stay when it is rolled back.
 * So services run on the schema of the release after theirs, which has more than they know of.
 */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDatabase, type DatabaseService, eventually } from '@hokusai/testing';
import {
  assertUpToDate,
  type Databases,
  type Installation,
  type Surroundings,
  startInstallation,
  startSurroundings,
  statusOfRequest,
} from './support/installation.ts';
import { queryRows } from './support/query.ts';
import { call, createKey, revokeKey } from './support/rest.ts';

const SERVICES: readonly DatabaseService[] = ['keys', 'usage', 'audit'];

/** What a migration may add: columns in every table, before and behind none, a table, and itself to the list. */
const NEXT_MIGRATION = `do $$
declare
  name text;
begin
  for name in select oid::regclass::text from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
      and relname <> 'schema_migrations'
  loop
    execute 'alter table ' || name || ' add column next_note text, add column next_count bigint not null default 1';
  end loop;
  create table next_things (id uuid primary key);
  insert into schema_migrations (name, run_on) values ('9999_next', now());
end $$`;

describe('services on the schema of the next release', function () {
  this.timeout(300_000);
  let surroundings: Surroundings;
  let databases: Databases;
  let installation: Installation;
  let admin = '';

  before(async () => {
    surroundings = await startSurroundings();
    const [keys, usage, audit] = await Promise.all([
      createDatabase('keys'),
      createDatabase('usage'),
      createDatabase('audit'),
    ]);
    databases = { keys, usage, audit };
    installation = await startInstallation(surroundings, databases, 'checkpoints');
    admin = (await readFile(join(surroundings.folder, 'admin.key'), 'utf8')).trim();
  });
  after(async () => {
    await installation?.stop();
    await surroundings?.[Symbol.asyncDispose]();
    for (const database of Object.values(databases ?? {})) await database.close();
  });

  async function ask(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const answer = await call(installation.url, admin, method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  const statusWith = (key: unknown) => statusOfRequest(installation.url, String(key));

  /** A key's life, and what usage and the audit log make of it. */
  async function walk(): Promise<void> {
    const { id, key } = await createKey(installation.url, admin, { name: 'walk' });
    assert.equal(await statusWith(key), 200);
    await ask('PATCH', `/api/v1/auth/keys/${id}`, { name: 'walked', rate_limit_per_hour: 100 });
    const rotated = await ask('POST', `/api/v1/auth/keys/${id}/rotate`, { grace_period_seconds: 0 });
    await eventually(async () => assert.equal(await statusWith(key), 403));
    assert.equal(await statusWith(rotated['key']), 200);
    await revokeKey(installation.url, admin, id);
    await eventually(async () => assert.equal(await statusWith(rotated['key']), 403));
    const user = await ask('POST', '/api/v1/users', { display_name: 'Walker' });
    await ask('PATCH', `/api/v1/users/${user['id']}`, { disabled: true });
    assert.ok(((await ask('GET', '/api/v1/auth/keys'))['data'] as unknown[]).length > 1);
    assert.ok(((await ask('GET', '/api/v1/users'))['data'] as unknown[]).length > 1);
    await eventually(async () => {
      const { requests, refused } = await ask('GET', `/api/v1/usage/summary?key_id=${id}`);
      assert.ok(Number(requests) >= 4, String(requests));
      assert.ok(Number((refused as Record<string, number>)['key_revoked']) >= 1, JSON.stringify(refused));
    });
    await eventually(async () => {
      const { data } = await ask('GET', `/api/v1/audit/events?target_id=${id}&oldest_first=true`);
      const actions = (data as { action: string }[]).map(({ action }) => action);
      assert.deepEqual(
        actions.filter((action) => action.startsWith('key.')),
        ['key.created', 'key.updated', 'key.rotated', 'key.revoked'],
      );
    });
    assert.equal((await ask('POST', '/api/v1/audit/verify', {}))['intact'], true);
  }

  it('do on their own what is compared here', walk);

  it('go on while it is migrated', async () => {
    for (const service of SERVICES) await queryRows(databases[service].ownerUrl, NEXT_MIGRATION, []);
    await walk();
  });

  it('have nothing to migrate', async () => {
    for (const service of SERVICES) await assertUpToDate(service, databases[service]);
  });

  it('start on it, as after a rollback', async () => {
    await installation.stop();
    installation = await startInstallation(surroundings, databases, 'checkpoints');
    await walk();
  });
});
