/** Proofs, states and read points, on real Postgres. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { migrate, transaction } from '@hokusai/service-kit';
import { createPostgresServer, type TestDatabase } from '@hokusai/testing';
import pg from 'pg';
import { acceptedSecrets } from '../src/domain/key.ts';
import { type Core, type IssuedKey, openCore } from './support/core.ts';
import { freshCore } from './support/fresh-core.ts';

const directory = fileURLToPath(new URL('../migrations', import.meta.url));

describe('validating keys', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let core: Core;
  let admin: IssuedKey;
  freshCore((fresh) => {
    ({ admin, core, database } = fresh);
  });

  async function asSuperuser(sql: string, values: unknown[] = []) {
    const client = new pg.Client({ connectionString: database.adminUrl });
    await client.connect();
    try {
      return await client.query(sql, values);
    } finally {
      await client.end();
    }
  }

  /** Makes the secret of one key a retired secret of another. */
  async function retire(secretOf: IssuedKey, into: IssuedKey, validUntil: Date): Promise<void> {
    await asSuperuser(
      `with gone as (delete from api_keys where id = $1 returning *)
       insert into retired_secrets (key_prefix, key_id, key_hash, key_digest, pepper_id, retired_at, valid_until)
       select key_prefix, $2, key_hash, key_digest, pepper_id, now(), $3 from gone`,
      [secretOf.key.id, into.key.id, validUntil],
    );
  }

  it('proves a genuine secret and tells the state of its key', async () => {
    const answer = await core.validateKey(admin.plaintext);
    assert.equal(answer.secret?.keyPrefix, admin.key.keyPrefix);
    assert.deepEqual(answer.found?.key, admin.key);
    assert.equal(answer.found?.owner.role, 'admin');
    assert.equal(core.counts.verify, 0);
  });

  it('knows no key for what is wrong, unknown or malformed, and says where it looked', async () => {
    const wrong = `${admin.plaintext.slice(0, -1)}${admin.plaintext.endsWith('0') ? '1' : '0'}`;
    for (const text of [wrong, `hk_live_${'0'.repeat(50)}`, 'nonsense', '', `${admin.plaintext}x`]) {
      const { secret, found, read } = await core.validateKey(text);
      assert.deepEqual([secret, found], [null, null], text.slice(0, 8));
      assert.match(read.epoch, /^\d+-[0-9A-F]{8}-\d+-\d+$/);
    }
    assert.equal((await core.reader.readState('nonsense')).found, null);
    assert.equal((await core.reader.readState('00000000-0000-4000-8000-00000000dead')).found, null);
  });

  it('proves a retired secret, also past its end, which its key then no longer accepts', async () => {
    const [inGrace, past] = [await core.issue(admin), await core.issue(admin)];
    const end = new Date(Date.now() + 3_600_000);
    await retire(inGrace, admin, end);
    await retire(past, admin, new Date(Date.now() - 1000));
    for (const retired of [inGrace, past]) {
      const answer = await core.validateKey(retired.plaintext);
      assert.equal(answer.secret?.keyId, admin.key.id);
      assert.equal(answer.secret?.keyPrefix, retired.key.keyPrefix);
      assert.ok(answer.secret?.retiredAt instanceof Date && answer.found !== null);
      const accepted = acceptedSecrets(answer.found.key, answer.read.readAt);
      assert.deepEqual(
        accepted.map(({ keyPrefix, validUntil }) => [keyPrefix, validUntil]),
        [
          [admin.key.keyPrefix, null],
          [inGrace.key.keyPrefix, end],
        ],
      );
    }
  });

  it('tells the state of revoked keys, expired ones and those of disabled owners too', async () => {
    const revoked = await core.issue(admin);
    await core.revoke(admin, revoked.key.id);
    assert.equal((await core.validateKey(revoked.plaintext)).found?.key.isActive, false);
    await core.pool.query('update users set disabled_at = now()');
    assert.notEqual((await core.validateKey(admin.plaintext)).found?.owner.disabledAt, null);
  });

  it('runs Argon2 once for twenty who bring a cold key at the same time, and never again', async () => {
    const elsewhere = openCore(database.url, { peppers: [{ id: 'p', secret: randomBytes(32) }] });
    try {
      const questions = Array.from({ length: 20 }, () => elsewhere.validateKey(admin.plaintext));
      const answers = await Promise.all(questions);
      assert.ok(answers.every(({ found }) => found?.key.id === admin.key.id));
      assert.equal(elsewhere.counts.verify, 1);
      await elsewhere.prover.settled();
      assert.ok((await elsewhere.validateKey(admin.plaintext)).found);
      assert.equal(elsewhere.counts.verify, 1);
      // What its digest needs is renewed; what followers care about is not touched.
      const { found } = await elsewhere.reader.readState(admin.key.id);
      assert.equal(found?.key.version, admin.key.version);
    } finally {
      await elsewhere.close();
    }
  });

  it('renews no secret that was replaced meanwhile', async () => {
    const { secret } = await core.reader.readSecret(admin.key.keyPrefix);
    assert.ok(secret);
    const newer = '$argon2id$v=19$m=8,t=1,p=1$bmV3ZXJuZXdlcg$bmV3ZXI';
    await core.pool.query('update api_keys set key_hash = $2 where id = $1', [admin.key.id, newer]);
    const elsewhere = openCore(database.url, { peppers: [{ id: 'q', secret: randomBytes(32) }] });
    try {
      assert.ok(await elsewhere.prover.prove(secret, admin.plaintext));
      await elsewhere.prover.settled();
    } finally {
      await elsewhere.close();
    }
    const { rows } = await core.pool.query('select key_hash, pepper_id from api_keys where id = $1', [
      admin.key.id,
    ]);
    assert.deepEqual(rows, [{ key_hash: newer, pepper_id: secret.digest?.pepperId }]);
  });

  describe('the read point', () => {
    const cut = async () => (await core.reader.readState('')).read.cut;

    it('does not pass a transaction that is still open', async () => {
      const before = await cut();
      await transaction(core.pool, async (client) => {
        const { rows } = await client.query('select pg_current_xact_id()::text as xid');
        const open = BigInt(rows[0].xid);
        assert.ok(open >= before);
        await core.issue(admin);
        assert.ok((await cut()) <= open);
      });
      await core.issue(admin);
      assert.ok((await cut()) > before);
    });

    it('names a time that is not after the snapshot', async () => {
      const [first, second] = [await core.reader.readState(''), await core.reader.readState('')];
      assert.ok(first.read.readAt <= second.read.readAt);
      assert.equal(first.read.epoch, second.read.epoch);
    });

    it('belongs to another epoch once the tables were put back from somewhere', async () => {
      const { epoch } = (await core.reader.readState('')).read;
      const options = { ownerUrl: database.ownerUrl, directory, serviceRole: 'hokusai_keys' } as const;
      const names = await migrate({ ...options, direction: 'down', count: 100 });
      assert.ok(names.length > 0);
      await migrate({ ...options, direction: 'up' });
      const again = openCore(database.url);
      try {
        assert.notEqual((await again.reader.readState('')).read.epoch, epoch);
      } finally {
        await again.close();
      }
    });
  });
});

describe('when the database is away', function () {
  this.timeout(120_000);

  it('says that it cannot know, and afterwards is in another epoch', async () => {
    await using server = await createPostgresServer();
    const database = await server.createDatabase('keys');
    const core = openCore(database.url);
    try {
      const admin = await core.bootstrapAdmin();
      const { epoch } = (await core.validateKey(admin.plaintext)).read;
      await server.stop();
      const expected = { code: 'unavailable', retryAfterSeconds: 5 };
      await assert.rejects(core.validateKey(admin.plaintext), expected);
      await assert.rejects(core.reader.readState(admin.key.id), expected);
      await assert.rejects(core.issue(admin), expected);
      await server.start();
      const answer = await core.validateKey(admin.plaintext);
      assert.equal(answer.found?.key.id, admin.key.id);
      assert.notEqual(answer.read.epoch, epoch);
    } finally {
      await core.close();
    }
  });
});
