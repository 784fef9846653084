import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type AuditEvent, auditEventEventSchema } from '@hokusai/contracts';
import { createLogger } from '@hokusai/service-kit';
import fc from 'fast-check';
import { ManualTime } from '../../test/support/manual-time.ts';
import { type Outcome, StubBus } from '../../test/support/stub-bus.ts';
import type { ReportedRequest } from '../domain/ports.ts';
import { createAuditReporter, FOLD_MS, type RunningAuditReporter } from './audit-reporter.ts';
import { MAX_FOLDS, MAX_FOLDS_PER_CLIENT } from './request-folds.ts';

const SUBJECT = 'hokusai.audit.v1.gateway.auth.refused';

const REFUSAL: ReportedRequest = {
  reason: 'key_revoked',
  clientIp: '192.0.2.1',
  keyPrefix: 'hk_live_0123456789AB',
  keyId: '0b9f4a54-3a3f-4a1c-8d38-3f2f6d1f7f10',
  userId: '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11',
  route: 'GET /api/2.0/mlflow/runs/get',
  userAgent: 'curl/8.5.0',
  requestId: 'r-1',
  traceId: null,
};

const INCARNATION = '6f1f3c9a-8b0e-4a53-9d2e-000000000001';

function setUp(): { time: ManualTime; bus: StubBus; reporter: RunningAuditReporter } {
  const time = new ManualTime();
  const bus = new StubBus();
  const reporter = createAuditReporter({
    bus,
    incarnation: INCARNATION,
    gateway: 'gw-1',
    host: 'machine-1',
    randomUuid: randomUUID,
    clock: time,
    timers: time,
    logger: createLogger({ service: 'test', level: 'silent' }),
  });
  return { time, bus, reporter };
}

const reported = (bus: StubBus) => bus.stored<AuditEvent>(SUBJECT);
const total = (bus: StubBus) => reported(bus).reduce((sum, { count }) => sum + count, 0);

describe('audit reporter', () => {
  it('names the trace of the first of those that it folds, and of the last', async () => {
    const { time, bus, reporter } = setUp();
    const [first, last] = ['1', '2'].map((digit) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`);
    reporter.refused({ ...REFUSAL, traceparent: first });
    reporter.refused(REFUSAL);
    reporter.refused({ ...REFUSAL, traceparent: last });
    await time.advance(FOLD_MS);
    const named = bus.events<AuditEvent>(SUBJECT).map(({ traceparent }) => traceparent);
    assert.deepEqual(named, [first, last]);
    assert.deepEqual(
      bus.attempts.map(({ traceparents }) => traceparents),
      [[first], [last]],
    );
  });

  it('reports the first refusal at once, as its schema describes', async () => {
    const { time, bus, reporter } = setUp();
    reporter.refused(REFUSAL);
    await time.advance(0);
    const [event] = bus.events<AuditEvent>(SUBJECT);
    auditEventEventSchema.parse(event);
    assert.deepEqual(event?.data, {
      action: 'auth.refused',
      outcome: 'refused',
      occurred_at: '2025-01-15T12:00:00.000Z',
      actor: {
        user_id: REFUSAL.userId,
        key_id: REFUSAL.keyId,
        key_prefix: REFUSAL.keyPrefix,
        via: 'gateway',
      },
      target: { type: 'route', id: REFUSAL.route },
      before: null,
      after: null,
      reason: 'key_revoked',
      count: 1,
      request_id: 'r-1',
      trace_id: null,
      personal: { client_ip: '192.0.2.1', user_agent: 'curl/8.5.0' },
    });
    await reporter.close(1000);
  });

  it('repeats no key that a client has put into its User-Agent', async () => {
    const { bus, reporter } = setUp();
    const key = `hk_live_${'0123456789AB'.repeat(5).slice(0, 50)}`;
    reporter.refused({ ...REFUSAL, userAgent: `tool (${key})` });
    await reporter.close(1000);
    assert.equal(reported(bus)[0]?.personal.user_agent, 'tool (hk_live_0123456789AB)');
  });

  it('makes the further ones of a minute one event, of the latest of them', async () => {
    const { time, bus, reporter } = setUp();
    for (let i = 1; i <= 5; i += 1) reporter.refused({ ...REFUSAL, requestId: `r-${i}` });
    await time.advance(FOLD_MS - 1);
    assert.equal(reported(bus).length, 1);
    await time.advance(1);
    assert.deepEqual(
      reported(bus).map(({ count, request_id }) => [count, request_id]),
      [
        [1, 'r-1'],
        [4, 'r-5'],
      ],
    );
    reporter.refused(REFUSAL);
    await time.advance(FOLD_MS);
    assert.equal(reported(bus).length, 3);
    assert.equal(time.pending, 0);
    await reporter.close(1000);
  });

  it('keeps reasons, addresses and prefixes apart', async () => {
    const { bus, reporter } = setUp();
    reporter.refused(REFUSAL);
    reporter.refused({ ...REFUSAL, reason: 'key_expired' });
    reporter.refused({ ...REFUSAL, clientIp: '192.0.2.2' });
    reporter.refused({ ...REFUSAL, keyPrefix: null });
    await reporter.close(1000);
    assert.equal(reported(bus).length, 4);
  });

  it('sends what is folded when it is closed', async () => {
    const { time, bus, reporter } = setUp();
    for (let i = 0; i < 10; i += 1) reporter.refused(REFUSAL);
    await reporter.close(1000);
    assert.equal(total(bus), 10);
    assert.equal(time.pending, 0);
  });

  it('answers a flood of prefixes from one address with few events', async () => {
    const { bus, reporter } = setUp();
    for (let i = 0; i < 5000; i += 1) reporter.refused({ ...REFUSAL, keyPrefix: `hk_live_${i}` });
    await reporter.close(1000);
    assert.equal(total(bus), 5000);
    assert.ok(reported(bus).length <= MAX_FOLDS_PER_CLIENT + 2, `${reported(bus).length} events`);
    const shared = reported(bus).at(-1);
    assert.deepEqual([shared?.actor.key_prefix, shared?.actor.key_id], [null, null]);
  });

  it('takes a v6 network for one client, and names the network', async () => {
    const { bus, reporter } = setUp();
    for (let i = 1; i <= 1000; i += 1) reporter.refused({ ...REFUSAL, clientIp: `2001:db8::${i}:1` });
    reporter.refused({ ...REFUSAL, clientIp: '2001:db8:0:1::1' });
    await reporter.close(1000);
    assert.deepEqual(
      reported(bus).map(({ count, personal }) => [count, personal.client_ip]),
      [
        [1, '2001:db8::/64'],
        [1, '2001:db8:0:1::/64'],
        [999, '2001:db8::/64'],
      ],
    );
  });

  it('holds a lasting flood from anywhere to so many events a minute', async () => {
    const { time, bus, reporter } = setUp();
    const minutes = 5;
    for (let i = 0; i < 60 * minutes; i += 1) {
      for (let j = 0; j < 10; j += 1)
        reporter.refused({ ...REFUSAL, keyId: null, clientIp: `2001:db8:${i}:${j}::1` });
      await time.advance(1000);
    }
    await reporter.close(1000);
    assert.equal(total(bus), 600 * minutes);
    assert.ok(reported(bus).length <= 2 * (MAX_FOLDS + 1) * minutes, `${reported(bus).length} events`);
  });

  it("tells of a known key in the midst of strangers' flood", async () => {
    const { bus, reporter } = setUp();
    for (let i = 0; i < 2 * MAX_FOLDS; i += 1)
      reporter.refused({ ...REFUSAL, keyId: null, userId: null, clientIp: `10.0.0.${i}` });
    reporter.refused(REFUSAL);
    await reporter.close(1000);
    const known = reported(bus).filter(({ actor }) => actor.key_id === REFUSAL.keyId);
    assert.deepEqual(
      known.map(({ personal }) => personal.client_ip),
      [REFUSAL.clientIp],
    );
  });

  it('answers a flood from many addresses with a bounded number of events', async () => {
    const { bus, reporter } = setUp();
    for (let i = 0; i < 20_000; i += 1)
      reporter.refused({ ...REFUSAL, clientIp: `10.0.${i >> 8}.${i & 255}` });
    await reporter.close(1000);
    assert.equal(total(bus), 20_000);
    assert.ok(reported(bus).length <= 2 * (MAX_FOLDS + 1), `${reported(bus).length} events`);
    assert.deepEqual(reported(bus).at(-1)?.personal, {});
  });

  it('tells of each sign-in who it was, and folds those of one address and key', async () => {
    const { time, bus, reporter } = setUp();
    const { reason: _, ...request } = REFUSAL;
    for (let i = 0; i < 5; i += 1) reporter.signedIn(request);
    for (let user = 0; user < 100; user += 1)
      reporter.signedIn({
        ...request,
        keyPrefix: `hk_live_${user}`,
        keyId: randomUUID(),
        userId: randomUUID(),
      });
    await time.advance(FOLD_MS);
    const events = bus.events<AuditEvent>('hokusai.audit.v1.gateway.auth.signed_in');
    for (const event of events) auditEventEventSchema.parse(event);
    assert.deepEqual(
      events.map(({ data }) => data.count),
      [...Array(101).fill(1), 4],
    );
    assert.equal(new Set(events.map(({ data }) => data.actor.key_id)).size, 101);
    const [{ data } = assert.fail()] = events;
    assert.deepEqual(data.target, { type: 'key', id: REFUSAL.keyId, owner_user_id: REFUSAL.userId });
    assert.deepEqual([data.outcome, data.reason, data.request_id], ['success', null, 'r-1']);
    assert.deepEqual(data.personal, { client_ip: '192.0.2.1', user_agent: 'curl/8.5.0' });
    assert.deepEqual(reported(bus), []);
    await reporter.close(1000);
  });

  it('tells that the gateway started with which configuration, and that it stopped', async () => {
    const { bus, reporter } = setUp();
    reporter.started({ GATEWAY_PORT: 8080, NATS_URL: 'nats://there' });
    reporter.stopped();
    await reporter.close(1000);
    const [started] = bus.events<AuditEvent>('hokusai.audit.v1.gateway.gateway.started');
    const [stopped] = bus.events<AuditEvent>('hokusai.audit.v1.gateway.gateway.stopped');
    const told = [started, stopped].map((event) => auditEventEventSchema.parse(event).data as AuditEvent);
    const configuration = { GATEWAY_PORT: 8080, NATS_URL: 'nats://there' };
    assert.deepEqual(
      told.map(({ after }) => after),
      [{ incarnation: INCARNATION, configuration }, { incarnation: INCARNATION }],
    );
    for (const { actor, target } of told) {
      const nobody = { user_id: null, key_id: null, key_prefix: null };
      assert.deepEqual(actor, { ...nobody, via: 'gateway', host: 'machine-1' });
      assert.deepEqual(target, { type: 'gateway', id: 'gw-1' });
    }
  });

  it('counts every refusal exactly once, whatever fails', async () => {
    const step = fc.record({
      reason: fc.constantFrom('key_revoked', 'unknown_key'),
      clientIp: fc.constantFrom('192.0.2.1', '192.0.2.2'),
      passMs: fc.oneof(fc.constant(0), fc.nat(40_000)),
    });
    const outcomes = fc.infiniteStream(
      fc.constantFrom<Outcome>('stored', 'refused', 'stored, acknowledgement lost'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), outcomes, async (steps, stream) => {
        const { time, bus, reporter } = setUp();
        const next = stream[Symbol.iterator]();
        bus.outcome = () => next.next().value as Outcome;
        for (const { passMs, ...refusal } of steps) {
          reporter.refused({ ...REFUSAL, ...refusal });
          await time.advance(passMs);
        }
        bus.outcome = () => 'stored';
        const closed = reporter.close(20_000);
        await time.advance(20_000);
        await closed;
        assert.equal(total(bus), steps.length);
      }),
      { numRuns: 50 },
    );
  });
});
