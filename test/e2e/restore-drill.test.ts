/** docs/operations/backup.md, rehearsed: dumps by Postgres' own programs, restored on another server. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServiceClient, services } from '@hokusai/contracts';
import {
  backUpDatabase,
  createPostgresServer,
  type DatabaseService,
  eventually,
  grpcToken,
  readStreamsAnew,
  restoreDatabase,
  type TestDatabase,
  type TestPostgres,
} from '@hokusai/testing';
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
import { type CreatedKey, call, createKey, revokeKey } from './support/rest.ts';

const SERVICES: readonly DatabaseService[] = ['keys', 'usage', 'audit'];
/** How often each of these is used before the backup. */
const USES = 3;
/** Places in this server's history are higher than those that the second one comes to. */
const A_LONG_HISTORY = `do $$ begin
  for i in 1..20000 loop perform pg_current_xact_id(); commit; end loop;
end $$`;

describe('a backup', function () {
  this.timeout(300_000);
  let surroundings: Surroundings;
  let [lost, second]: TestPostgres[] = [];
  let survivors: Databases;
  let installation: Installation;
  let [admin, epochBefore] = ['', ''];
  let [early, late, turned, kept, newcomer]: CreatedKey[] = [];
  let turnedTo = '';
  let highestVersion = 0;
  let lostAt = '';

  before(async () => {
    surroundings = await startSurroundings();
    const { folder } = surroundings;
    [lost, second] = await Promise.all([createPostgresServer(), createPostgresServer()]);
    await queryRows(lost.adminUrl, A_LONG_HISTORY, []);
    survivors = await forEachService((service) => (lost as TestPostgres).createDatabase(service));
    await start(survivors, 'checkpoints');
    admin = (await readFile(join(folder, 'admin.key'), 'utf8')).trim();
    await useBeforeBackup();
    for (const service of SERVICES) {
      await backUpDatabase(survivors[service].ownerUrl, join(folder, `${service}.dump`));
    }
    await changeAfterBackup();
    epochBefore = await epoch();
    lostAt = new Date().toISOString();
    await installation.stop();
  });
  after(async () => {
    await installation?.stop();
    await surroundings?.[Symbol.asyncDispose]();
    for (const server of [lost, second]) await server?.close();
  });

  async function start(databases: Databases, checkpoints: string): Promise<void> {
    installation = await startInstallation(surroundings, databases, checkpoints);
  }

  /** Redis comes to know all of them as they are by then, the one that is revoked at once as a good one. */
  async function useBeforeBackup(): Promise<void> {
    const made = await Promise.all(['early', 'late', 'turned', 'kept'].map(makeKey));
    [early, late, turned, kept] = made;
    for (let use = 0; use < USES; use += 1) {
      assert.deepEqual(await Promise.all(made.map(statusWith)), [200, 200, 200, 200]);
    }
    await revokeKey(installation.url, admin, early?.id ?? '');
    await eventually(async () => assert.equal(await requestsOf(kept), USES));
    await eventually(async () => assert.deepEqual(await loggedOnes('key.revoked'), [early?.id]));
  }

  /** All of it is known to the audit log and to usage before the databases are lost. */
  async function changeAfterBackup(): Promise<void> {
    newcomer = await makeKey('newcomer');
    await revokeKey(installation.url, admin, late?.id ?? '');
    const path = `/api/v1/auth/keys/${turned?.id}/rotate`;
    const rotated = await call(installation.url, admin, 'POST', path, { grace_period_seconds: 0 });
    assert.equal(rotated.status, 200, JSON.stringify(rotated.body));
    turnedTo = String(rotated.body['key']);
    highestVersion = await rename(kept, 'renamed before the loss');
    assert.deepEqual([await statusWith(newcomer), await statusWith(kept)], [200, 200]);
    assert.equal(await statusOf(turnedTo), 200);
    await eventually(async () => assert.equal(await requestsOf(kept), USES + 1));
    await eventually(async () => assert.deepEqual(await loggedOnes('key.rotated'), [turned?.id]));
  }

  const makeKey = (name: string) => createKey(installation.url, admin, { name });

  async function forEachService(
    make: (service: DatabaseService) => Promise<TestDatabase>,
  ): Promise<Databases> {
    const [keys, usage, audit] = await Promise.all(SERVICES.map(make));
    assert.ok(keys && usage && audit);
    return { keys, usage, audit };
  }

  /** As the page says: an empty database, its dump, and the migrations, which find nothing to do. */
  async function restore(service: DatabaseService): Promise<TestDatabase> {
    const database = await (second as TestPostgres).createDatabase(service, { migrate: false });
    await restoreDatabase(database.ownerUrl, join(surroundings.folder, `${service}.dump`));
    await assertUpToDate(service, database);
    return database;
  }

  async function rename(key: CreatedKey | undefined, name: string): Promise<number> {
    const { status, body } = await call(installation.url, admin, 'PATCH', `/api/v1/auth/keys/${key?.id}`, {
      name,
    });
    assert.equal(status, 200, JSON.stringify(body));
    return Number(body['version']);
  }

  async function read(path: string): Promise<Record<string, unknown>> {
    const { status, body } = await call(installation.url, admin, 'GET', path);
    assert.equal(status, 200, JSON.stringify(body));
    return body;
  }

  /** Keys that this was done to, as the audit log knows, the oldest first. */
  async function loggedOnes(action: string): Promise<unknown[]> {
    const { data } = await read(`/api/v1/audit/events?action=${action}&oldest_first=true`);
    return (data as { target: { id: string } }[]).map(({ target }) => target.id);
  }

  /** Up to the loss, once that was. */
  async function requestsOf(key: CreatedKey | undefined): Promise<unknown> {
    const until = lostAt && `&to=${lostAt}`;
    return (await read(`/api/v1/usage/summary?key_id=${key?.id}${until}`))['requests'];
  }

  async function isIntact(): Promise<void> {
    const { status, body } = await call(installation.url, admin, 'POST', '/api/v1/audit/verify', {});
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body['intact'], true, JSON.stringify(body));
  }

  /** Of the history that gateways are told of. */
  async function epoch(): Promise<string> {
    const client = createServiceClient(services.keyValidation, {
      ...{ peer: 'keys service', address: installation.keysAddress, timeoutMs: 20_000, token: grpcToken },
    });
    try {
      const { state } = await client.call('GetKeyState', { keyId: kept?.id ?? '' }, {});
      return state?.read?.epoch ?? '';
    } finally {
      client.close();
    }
  }

  const statusOf = (key: string) => statusOfRequest(installation.url, key);
  const statusWith = (key: CreatedKey | undefined) => statusOf(key?.key ?? '');

  describe('of all databases, restored on another server', () => {
    before(async () => {
      const restored = await forEachService(restore);
      await readStreamsAnew(surroundings.nats.urls.admin);
      await start(restored, 'checkpoints-after-restore');
    });
    after(() => installation.stop());

    it('keeps revoked what was revoked before it, whatever Redis remembers', async () => {
      assert.equal(await statusWith(early), 403);
    });

    it('lets in what was revoked after it, and the secret that was replaced after it', async () => {
      assert.deepEqual(await Promise.all([late, turned, kept].map(statusWith)), [200, 200, 200]);
    });

    it('lets in no key and no secret that was made after it', async () => {
      // Whose the secret was is still known to Redis.
      assert.deepEqual(await Promise.all([statusWith(newcomer), statusOf(turnedTo)]), [401, 403]);
    });

    it('is of another history to gateways than what was lost', async () => {
      assert.ok(epochBefore);
      assert.notEqual(await epoch(), epochBefore);
    });

    it('gives keys that change versions that are higher than all before the loss', async () => {
      assert.ok(highestVersion > 0);
      assert.ok((await rename(kept, 'renamed after it')) > highestVersion);
    });

    it('is followed by what NATS still has of the time after it, each event once', async () => {
      await eventually(async () => {
        assert.deepEqual(await loggedOnes('key.revoked'), [early?.id, late?.id]);
        assert.deepEqual(await loggedOnes('key.rotated'), [turned?.id]);
      });
      assert.deepEqual(
        (await loggedOnes('key.created')).slice(-5).toSorted(),
        [early, late, turned, kept, newcomer].map((key) => key?.id).toSorted(),
      );
      await isIntact();
    });

    it('counts each request of before the loss once', async () => {
      const counts = () => Promise.all([early, turned, kept, newcomer].map(requestsOf));
      await eventually(async () => assert.deepEqual(await counts(), [USES, USES + 1, USES + 1, 1]));
      // The gateway that lives is taken for one that ended until it announces itself again, which is once a second.
      await eventually(async () => {
        const { incarnations } = await read('/api/v1/usage/integrity');
        const statuses = (incarnations as { status: string }[]).map(({ status }) => status);
        assert.deepEqual(statuses.toSorted(), ['balanced', 'open']);
      });
    });

    it('has what is revoked again stay revoked', async () => {
      await revokeKey(installation.url, admin, late?.id ?? '');
      await eventually(async () => assert.equal(await statusWith(late), 403));
    });
  });

  describe('of the keys alone, with usage and audit as they were', () => {
    before(async () => {
      await start({ ...survivors, keys: await restore('keys') }, 'checkpoints');
    });

    it('keeps revoked what was revoked before it, and lets in what was revoked after it', async () => {
      assert.deepEqual(await Promise.all([early, late, kept].map(statusWith)), [403, 200, 200]);
    });

    it('finds in the audit log, which is whole, what is to be done again', async () => {
      assert.deepEqual((await loggedOnes('key.revoked')).slice(0, 2), [early?.id, late?.id]);
      assert.deepEqual(await loggedOnes('key.rotated'), [turned?.id]);
      await isIntact();
    });
  });
});
