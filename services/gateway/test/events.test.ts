import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  type AuditEvent,
  auditEventEventSchema,
  type CloudEvent,
  type GatewayAnnouncement,
  gatewayAnnouncementEventSchema,
  keyEventEventSchema,
  SUBJECTS,
  type UsageBatch,
  usageBatchEventSchema,
} from '@hokusai/contracts';
import { type Bus, createLogger, openBus, systemClock } from '@hokusai/service-kit';
import { createNats, eventually, streamMessages, type TestNats } from '@hokusai/testing';
import { createAuditReporter } from '../src/events/audit-reporter.ts';
import { createQuotaReporter } from '../src/events/quota-reporter.ts';
import { systemTimers } from '../src/events/timers.ts';
import { createUsageRecorder } from '../src/events/usage-recorder.ts';
import { keyState } from './support/keys.ts';

const logger = createLogger({ service: 'test', level: 'silent' });

describe('the events of a gateway on a real broker', function () {
  this.timeout(60_000);
  let nats: TestNats;
  let bus: Bus;

  before(async function () {
    this.timeout(120_000);
    nats = await createNats();
    bus = openBus({ url: nats.urls.gateway, name: 'test', publishTimeoutMs: 1000, logger });
    await eventually(() => bus.check());
  });

  after(async () => {
    await bus.close();
    await nats.close();
  });

  it('tell of a limit that comes near', async () => {
    const common = { bus, clock: systemClock, timers: systemTimers, logger };
    const reporter = createQuotaReporter({ ...common, gateway: 'gw-1', randomUuid: randomUUID });
    const state = keyState();
    reporter.near(state, { policy: 'hour', limit: 20_000, used: 16_000 });
    await reporter.close(10_000);
    const [message, ...more] = await streamMessages(nats.urls.admin, 'KEYS');
    assert.deepEqual([message?.subject, more], ['hokusai.keys.v1.events.quota.near', []]);
    const { data } = keyEventEventSchema.parse(message?.data);
    assert.deepEqual([data.key_id, data.quota?.used], [state.keyId, 16_000]);
  });

  it('bring every number exactly once, though the broker is killed in between', async () => {
    const incarnation = randomUUID();
    const recorder = createUsageRecorder({
      bus,
      incarnation,
      gateway: 'gw-1',
      flushMs: 10,
      flushEvents: 20,
      clock: systemClock,
      timers: systemTimers,
      logger,
    });
    const record = (count: number) => {
      for (let i = 0; i < count; i += 1) recorder.request(requestOf(i));
    };
    record(500);
    await nats.kill();
    record(500);
    await nats.start();
    record(500);
    await eventually(() => assert.equal(recorder.counts().flushed, 1500), { timeoutMs: 20_000 });
    await recorder.close(10_000);

    const messages = await streamMessages(nats.urls.admin, 'USAGE');
    const batches = messages
      .filter(({ subject }) => subject === SUBJECTS.usageRequests)
      .map(({ data }) => (usageBatchEventSchema.parse(data) as CloudEvent<UsageBatch>).data);
    const numbers = batches.flatMap(({ requests }) => requests.map(({ sequence }) => sequence));
    assert.deepEqual(
      numbers.toSorted((a, b) => a - b),
      Array.from({ length: 1500 }, (_, index) => index + 1),
    );
    const announcements = messages
      .filter(({ subject }) => subject === SUBJECTS.usageGateways)
      .map(
        ({ data }) => (gatewayAnnouncementEventSchema.parse(data) as CloudEvent<GatewayAnnouncement>).data,
      );
    assert.equal(announcements[0]?.kind, 'opened');
    const { kind, assigned, flushed, dropped } = announcements.at(-1) as GatewayAnnouncement;
    assert.deepEqual([kind, assigned, flushed, dropped], ['closed', 1500, 1500, 0]);
  });

  it('report refusals under the subject that the broker lets a gateway use', async () => {
    const reporter = createAuditReporter({
      bus,
      incarnation: randomUUID(),
      gateway: 'gw-1',
      host: 'machine-1',
      randomUuid: randomUUID,
      clock: systemClock,
      timers: systemTimers,
      logger,
    });
    for (let i = 0; i < 7; i += 1)
      reporter.refused({
        reason: 'key_revoked',
        clientIp: '192.0.2.1',
        keyPrefix: 'hk_live_0123456789AB',
        keyId: randomUUID(),
        userId: randomUUID(),
        route: 'GET /mlflow',
        userAgent: 'curl/8',
        requestId: `r-${i}`,
        traceId: null,
      });
    await reporter.close(5000);
    const messages = await streamMessages(nats.urls.admin, 'AUDIT_GATEWAY');
    const counts = messages.map(
      ({ data }) => (auditEventEventSchema.parse(data) as CloudEvent<AuditEvent>).data.count,
    );
    assert.deepEqual(counts, [1, 6]);
    assert.equal(messages[0]?.subject, 'hokusai.audit.v1.gateway.auth.refused');
  });
});

function requestOf(number: number) {
  return {
    key_id: randomUUID(),
    secret_prefix: 'hk_live_0123456789AB',
    user_id: randomUUID(),
    upstream: 'mlflow',
    endpoint: '/api/2.0/mlflow/runs/get',
    method: 'GET',
    timestamp: new Date().toISOString(),
    response_time_ms: 12.5,
    first_byte_ms: 11,
    status_code: 200,
    refusal: null,
    bytes_in: 0,
    bytes_out: 1200,
    client_ip: '192.0.2.1',
    user_agent_family: 'curl',
    request_id: `r-${number}`,
    trace_id: null,
  };
}
