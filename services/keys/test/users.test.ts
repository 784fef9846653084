/** Users: making, looking at and changing them, on real Postgres. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { auditEventEventSchema } from '@hokusai/contracts';
import type { Repetition } from '../src/domain/repetition.ts';
import type { UserCreationRequest, UserUpdateRequest } from '../src/domain/user-access.ts';
import { type Core, type IssuedKey, outbox, refusal } from './support/core.ts';
import { freshCore } from './support/fresh-core.ts';

const creation: UserCreationRequest = {
  ...{ externalId: null, email: null, displayName: 'Ada', role: null, rateLimitPerHour: null },
};
const update: UserUpdateRequest = {
  ...{ mask: [], email: null, displayName: '', role: null, disabled: false, rateLimitPerHour: null },
};

describe('users', function () {
  this.timeout(120_000);
  let core: Core;
  let admin: IssuedKey;
  freshCore((fresh) => {
    ({ admin, core } = fresh);
  });

  const create = (request: Partial<UserCreationRequest> = {}, repetition: Repetition | null = null) =>
    core.users.createUser(admin.caller, { ...creation, ...request }, repetition);
  const change = (id: string, request: Partial<UserUpdateRequest>, by = admin) =>
    core.users.updateUser(by.caller, id, { ...update, ...request });
  const countUsers = async () => (await core.pool.query('select from users')).rowCount ?? 0;
  const lastAudit = async () => auditEventEventSchema.parse((await outbox(core.pool)).at(-1)?.payload).data;
  /** Without where the request came from. */
  const ofUser = ({ client_ip: _, user_agent: __, ...values }: Record<string, string | undefined>) => values;

  describe('made', () => {
    it('are stored as asked for, and answered as stored', async () => {
      const request = {
        ...{ externalId: 'okta|00u1', email: 'Ada@Example.org', displayName: ' Ada Lovelace ' },
        ...{ role: 'admin' as const, rateLimitPerHour: 7 },
      };
      const user = await create(request);
      const { id, createdAt, ...rest } = user;
      assert.deepEqual(rest, { ...request, displayName: 'Ada Lovelace', disabledAt: null });
      assert.ok(Math.abs(createdAt.getTime() - Date.now()) < 60_000);
      assert.deepEqual(await core.users.getUser(admin.caller, id), user);
      const least = await create();
      assert.deepEqual(
        [least.externalId, least.email, least.role, least.rateLimitPerHour],
        [null, null, 'member', null],
      );
    });

    it('are told to the audit log, their email where it can be erased only', async () => {
      const { id } = await create({ externalId: 'okta|1', email: 'ada@example.org', rateLimitPerHour: 7 });
      const audit = await lastAudit();
      assert.deepEqual([audit.action, audit.outcome], ['user.created', 'success']);
      assert.deepEqual(audit.target, { type: 'user', id });
      assert.deepEqual(audit.actor, {
        ...{ user_id: admin.key.userId, key_id: admin.key.id, key_prefix: admin.key.keyPrefix },
        via: 'gateway',
      });
      assert.deepEqual(audit.after, {
        ...{ external_id: '[personal]', email: '[personal]', display_name: '[personal]', role: 'member' },
        rate_limit_per_hour: 7,
      });
      assert.deepEqual(ofUser(audit.personal), { email: 'ada@example.org', display_name: 'Ada' });
    });

    it('leave no name and no address in what can not be erased, wherever one was written', async () => {
      const email = 'ada@example.org';
      const { id } = await create({ externalId: email, email, displayName: `Ada <${email.toUpperCase()}>` });
      const made = await lastAudit();
      assert.deepEqual(
        [made.after?.['external_id'], made.after?.['email'], made.after?.['display_name']],
        ['[personal]', '[personal]', '[personal]'],
      );
      await change(id, { mask: ['display_name'], displayName: 'Countess' });
      const renamed = await lastAudit();
      assert.deepEqual(
        [renamed.before, renamed.after],
        [{ display_name: '[personal]' }, { display_name: '[personal]' }],
      );
      assert.deepEqual(ofUser(renamed.personal), {
        display_name: 'Countess',
        display_name_before: 'Ada <ADA@EXAMPLE.ORG>',
      });
      for (const { personal: _, ...rest } of [made, renamed])
        assert.doesNotMatch(JSON.stringify(rest), /ada|countess|example/i);
      await create();
      const nothing = await lastAudit();
      assert.deepEqual([nothing.after?.['external_id'], nothing.after?.['email']], [null, null]);
    });

    it('have an external id of their own, if any', async () => {
      const first = await create({ externalId: 'okta|1' });
      const count = await countUsers();
      assert.deepEqual(await refusal(create({ externalId: 'okta|1' })), ['conflict', 'external_id_taken']);
      assert.equal(await countUsers(), count);
      await create({ externalId: 'OKTA|1' });
      await create({ email: 'same@example.org' });
      await create({ email: 'same@example.org' });
      const attempts = Array.from({ length: 6 }, () => create({ externalId: 'okta|2' }));
      const outcomes = await Promise.allSettled(attempts);
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
      assert.equal((await core.users.getUser(admin.caller, first.id)).id, first.id);
    });

    it('are not made by members, nor from what breaks a rule; the audit log learns of both', async () => {
      const member = await core.issue(admin, { userId: await core.addUser(), scopes: ['keys:write'] });
      const count = await countUsers();
      const byMember = core.users.createUser(member.caller, creation, null);
      assert.deepEqual(await refusal(byMember), ['permission_denied', 'scope_missing']);
      const refused = await lastAudit();
      assert.deepEqual(
        [refused.action, refused.outcome, refused.reason, refused.target, refused.actor.user_id],
        ['user.created', 'refused', 'scope_missing', null, member.key.userId],
      );
      const wrong = { externalId: '', email: 'x', displayName: '' };
      assert.deepEqual(await refusal(create(wrong)), ['unprocessable', 'invalid_field']);
      assert.deepEqual([(await lastAudit()).reason, await countUsers()], ['invalid_field', count]);
    });
  });

  describe('made more than once with one Idempotency-Key', () => {
    const repetition = { key: 'once', fingerprint: Buffer.alloc(32, 1) };

    it('are one user, answered each time as they are by then', async () => {
      const first = await create({ externalId: 'okta|1' }, repetition);
      const count = await countUsers();
      assert.deepEqual(await create({ externalId: 'okta|1' }, repetition), first);
      const renamed = await change(first.id, { mask: ['display_name'], displayName: 'Countess' });
      assert.deepEqual(await create({ externalId: 'okta|1' }, repetition), renamed);
      assert.equal(await countUsers(), count);
    });

    it('are one user also where all come at once', async () => {
      const count = await countUsers();
      const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => create({}, repetition)));
      for (const one of outcomes) {
        if (one.status === 'rejected') assert.equal(one.reason.reason, 'still_running');
      }
      assert.equal(await countUsers(), count + 1);
    });

    it('are refused with another body, and to who is no admin any more', async () => {
      await create({}, repetition);
      const otherBody = { ...repetition, fingerprint: Buffer.alloc(32, 2) };
      assert.deepEqual(await refusal(create({}, otherBody)), ['unprocessable', 'idempotency_key_reused']);
      await core.pool.query("update users set role = 'member' where id = $1", [admin.key.userId]);
      assert.deepEqual(await refusal(create({}, repetition)), ['permission_denied', 'scope_missing']);
    });
  });

  describe('changed', () => {
    it('change in what the mask names; the audit log has what differs', async () => {
      const { id } = await create({ email: 'ada@example.org', rateLimitPerHour: 7 });
      const user = await change(id, {
        ...{ mask: ['display_name', 'rate_limit_per_hour', 'role'], displayName: 'Countess' },
        ...{ role: 'member', email: 'ignored@example.org', disabled: true },
      });
      assert.deepEqual(await core.users.getUser(admin.caller, id), user);
      assert.deepEqual(
        [user.displayName, user.rateLimitPerHour, user.role, user.email, user.disabledAt],
        ['Countess', null, 'member', 'ada@example.org', null],
      );
      const audit = await lastAudit();
      assert.deepEqual([audit.action, audit.outcome], ['user.updated', 'success']);
      assert.deepEqual(audit.before, { display_name: '[personal]', rate_limit_per_hour: 7 });
      assert.deepEqual(audit.after, { display_name: '[personal]', rate_limit_per_hour: null });
      assert.deepEqual(ofUser(audit.personal), { display_name: 'Countess', display_name_before: 'Ada' });
    });

    it('keep their email, as it is and as it was, where it can be erased only', async () => {
      const { id } = await create({ email: 'old@example.org' });
      await change(id, { mask: ['email'], email: 'new@example.org' });
      const replaced = await lastAudit();
      assert.deepEqual([replaced.before, replaced.after], [{ email: '[personal]' }, { email: '[personal]' }]);
      const both = { email: 'new@example.org', email_before: 'old@example.org' };
      assert.deepEqual(ofUser(replaced.personal), both);
      await change(id, { mask: ['email'] });
      const removed = await lastAudit();
      assert.deepEqual([removed.before, removed.after], [{ email: '[personal]' }, { email: null }]);
      assert.deepEqual(ofUser(removed.personal), { email_before: 'new@example.org' });
      await change(id, { mask: ['email'], email: 'new@example.org' });
      const added = await lastAudit();
      assert.deepEqual([added.before, added.after], [{ email: null }, { email: '[personal]' }]);
      assert.deepEqual(ofUser(added.personal), { email: 'new@example.org' });
      for (const { personal: _, ...rest } of [replaced, removed, added])
        assert.ok(!JSON.stringify(rest).includes('@'));
    });

    it('to what they are already change nothing, and nobody hears of it', async () => {
      const { id } = await create({ email: 'ada@example.org' });
      const own = await core.issue(admin, { userId: id });
      const disabled = await change(id, { mask: ['disabled'], disabled: true });
      const events = (await outbox(core.pool)).length;
      const versionOf = async () => (await core.reader.readState(own.key.id)).found?.key.version;
      const version = await versionOf();
      const same = { mask: ['disabled', 'display_name', 'email'], disabled: true, displayName: 'Ada' };
      assert.deepEqual(await change(id, { ...same, email: 'ada@example.org' }), disabled);
      assert.deepEqual([(await outbox(core.pool)).length, await versionOf()], [events, version]);
    });

    it('are refused where a rule is broken, and the audit log learns what was attempted', async () => {
      const { id } = await create();
      const cases: [string, Partial<UserUpdateRequest>, [string, string], string][] = [
        [id, { mask: [] }, ['unprocessable', 'invalid_field'], 'user.updated'],
        [id, { mask: ['display_name'] }, ['unprocessable', 'invalid_field'], 'user.updated'],
        [randomUUID(), { mask: ['disabled'] }, ['not_found', 'user_not_found'], 'user.enabled'],
        [
          'nonsense',
          { mask: ['disabled'], disabled: true },
          ['not_found', 'user_not_found'],
          'user.disabled',
        ],
        [
          admin.key.userId,
          { mask: ['disabled'], disabled: true },
          ['unprocessable', 'own_account'],
          'user.disabled',
        ],
        [
          admin.key.userId,
          { mask: ['role'], role: 'member' },
          ['unprocessable', 'own_account'],
          'user.updated',
        ],
      ];
      for (const [target, request, expected, action] of cases) {
        assert.deepEqual(await refusal(change(target, request)), expected);
        const audit = await lastAudit();
        assert.deepEqual([audit.action, audit.outcome, audit.reason], [action, 'refused', expected[1]]);
        assert.deepEqual(audit.target, { type: 'user', id: target });
      }
      assert.equal((await core.users.getUser(admin.caller, admin.key.userId)).role, 'admin');
    });
  });

  it('are nothing to members: they may not look, list or change, not even themselves', async () => {
    const userId = await core.addUser();
    const member = await core.issue(admin, { userId, scopes: ['keys:read', 'keys:write'] });
    const noScope = ['permission_denied', 'scope_missing'];
    const list = {
      ...{ pageSize: 0, cursor: 'forged', externalId: '', email: '', role: null, standing: null },
    };
    for (const id of [userId, admin.key.userId, randomUUID(), 'nonsense']) {
      assert.deepEqual(await refusal(core.users.getUser(member.caller, id)), noScope);
      assert.deepEqual(await refusal(change(id, { mask: ['nonsense'] }, member)), noScope);
    }
    assert.deepEqual(await refusal(core.users.listUsers(member.caller, list)), noScope);
    const actions = (await outbox(core.pool)).slice(-3).map(({ payload }) => payload.data['action']);
    assert.deepEqual(actions, ['user.read', 'user.updated', 'user.listed']);
  });

  it('that nobody knows are not found', async () => {
    for (const id of [randomUUID(), '', 'nonsense', admin.plaintext]) {
      assert.deepEqual(await refusal(core.users.getUser(admin.caller, id)), ['not_found', 'user_not_found']);
    }
    assert.ok(!JSON.stringify(await outbox(core.pool)).includes(admin.plaintext.slice(20)));
  });
});
