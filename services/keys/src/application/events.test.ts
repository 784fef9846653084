import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { auditEventEventSchema, keyEventEventSchema } from '@hokusai/contracts';
import { EMAIL_LIMIT, REASON_LIMIT } from '@hokusai/contracts/fields';
import fc from 'fast-check';
import type { Caller } from '../domain/actor.ts';
import type { Key } from '../domain/key.ts';
import { createEventFactory, keyFacts } from './events.ts';

const secret = 's'.repeat(38);
const plaintext = `hk_live_012345678901${secret}`;
const events = createEventFactory('/hokusai/keys/here', randomUUID);
const at = new Date('2026-03-01T12:00:00.123Z');
const key: Key = {
  ...{
    id: randomUUID(),
    keyPrefix: 'hk_live_012345678901',
    userId: randomUUID(),
    createdByKeyId: null,
    userDisplayName: 'U',
  },
  ...{
    name: 'ci',
    environment: 'live',
    scopes: ['mlflow:read'],
    createdAt: at,
    rotatedAt: null,
    expiresAt: at,
  },
  ...{ lastUsedAt: null, lastUsedIp: null, isActive: true, revokedAt: null, revokedReason: null },
  limits: { ratePerHour: 1, burst: 2, burstWindowSeconds: 3 },
  ...{
    allowedIps: ['10.0.0.0/8'],
    metadata: { owner: 'someone@example.org' },
    version: 2n ** 60n,
    retiredSecrets: [],
  },
};

function audit(caller: Caller, targetId: string) {
  return events.audit({
    ...{ action: 'key.created', outcome: 'refused', at, reason: 'scope_not_held', after: keyFacts(key) },
    by: { via: 'gateway', caller, userId: key.userId },
    target: { type: 'key', id: targetId },
  });
}

describe('events', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.tuple(fc.string(), fc.string()).map(([before, after]) => `${before}${plaintext}${after}`),
  );
  const caller = fc.record({
    ...{ service: text, actingKeyId: fc.oneof(fc.uuid(), text), actingKeyPrefix: text, requestId: text },
    ...{ clientIp: text, userAgent: text, traceId: text },
  });

  it('fit their schemas and hold no key, whatever a caller says', () => {
    fc.assert(
      fc.property(caller, text, (who, targetId) => {
        const event = audit(who, targetId);
        assert.ok(!event.payload.includes(secret.slice(0, 20)));
        const parsed = auditEventEventSchema.parse(JSON.parse(event.payload));
        assert.equal(parsed.id, event.id);
        assert.equal(event.subject, 'hokusai.audit.v1.keys.key.created');
      }),
    );
  });

  it('hold no key either where a name or a reason holds one', () => {
    const named = { ...key, name: `was ${plaintext}` };
    const entry = { action: 'key.revoked', outcome: 'success', at, reason: plaintext, target: null } as const;
    const audited = events.audit({ ...entry, by: { via: 'sweeper' }, after: keyFacts(named) });
    for (const { payload } of [audited, events.key('updated', named, at)]) {
      assert.ok(payload.includes(plaintext.slice(0, 20)) && !payload.includes(secret));
    }
  });

  it('hold no email address in what can not be erased, wherever somebody wrote one', () => {
    const address = 'ada@example.org';
    const named = { ...key, name: `${address} laptop` };
    const caller = {
      ...{ service: 'gateway', actingKeyId: key.id, actingKeyPrefix: key.keyPrefix, requestId: address },
      ...{ clientIp: '192.0.2.1', userAgent: `robot (${address})`, traceId: '' },
    };
    const { payload } = events.audit({
      ...{ action: 'key.updated', outcome: 'success', at, reason: `asked by <${address}>` },
      by: { via: 'gateway', caller, userId: key.userId },
      target: { type: 'key', id: address },
      before: keyFacts(named),
      after: { ...keyFacts(key), scopes: ['a @ b', address] },
      personal: { email: address },
    });
    const { personal, ...body } = auditEventEventSchema.parse(JSON.parse(payload)).data;
    assert.deepEqual([personal.email, personal.user_agent], [address, `robot (${address})`]);
    assert.ok(!JSON.stringify(body).includes(address));
    assert.deepEqual(
      [body.before?.['name'], body.after?.['name'], body.after?.['scopes'], body.reason],
      ['[personal]', 'ci', ['a @ b', '[personal]'], '[personal]'],
    );
    assert.deepEqual([body.target?.id, body.request_id], ['[personal]', '[personal]']);
  });

  it('fit their schemas with the longest texts that are taken, of characters that take the most', () => {
    const [email, name] = ['\u{1F600}'.repeat(EMAIL_LIMIT), '\u{1F600}'.repeat(200)];
    const { payload } = events.audit({
      ...{ action: 'user.updated', outcome: 'success', at, target: null, by: { via: 'sweeper' } },
      reason: '\u{1F600}'.repeat(REASON_LIMIT),
      personal: { email, email_before: email, display_name: name, display_name_before: name },
    });
    auditEventEventSchema.parse(JSON.parse(payload));
  });

  it('leave metadata, which may be personal, out of the audit log', () => {
    const none = {
      service: '',
      actingKeyId: '',
      actingKeyPrefix: '',
      requestId: '',
      clientIp: '',
      userAgent: '',
      traceId: '',
    };
    const event = audit(none, key.id);
    assert.ok(!event.payload.includes('example.org'));
    const { data } = auditEventEventSchema.parse(JSON.parse(event.payload));
    assert.deepEqual(
      [data.actor.key_id, data.request_id, data.trace_id, data.personal],
      [null, null, null, {}],
    );
  });

  it('tell outsiders what a key is', () => {
    const event = events.key('revoked', { ...key, isActive: false }, at);
    assert.equal(event.subject, 'hokusai.keys.v1.events.revoked');
    const { data } = keyEventEventSchema.parse(JSON.parse(event.payload));
    assert.deepEqual(data, {
      ...{ key_id: key.id, key_prefix: key.keyPrefix, name: 'ci', environment: 'live', user_id: key.userId },
      ...{ version: '1152921504606846976', is_active: false, expires_at: '2026-03-01T12:00:00.123Z' },
    });
  });
});
