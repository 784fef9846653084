import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { BUS_USERS, keyEventEventSchema } from '@hokusai/contracts';
import { KEY_ID, keyState, PREFIX } from '../../test/support/keys.ts';
import { ManualTime } from '../../test/support/manual-time.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import { StubBus } from '../../test/support/stub-bus.ts';
import { createQuotaReporter } from './quota-reporter.ts';

const SUBJECT = 'hokusai.keys.v1.events.quota.near';

describe('events of limits that come near', () => {
  let bus: StubBus;
  let time: ManualTime;
  const open = () =>
    createQuotaReporter({
      bus,
      gateway: 'gw-1',
      randomUuid: randomUUID,
      ...{ clock: time, timers: time, logger: silentLogger },
    });

  beforeEach(() => {
    bus = new StubBus();
    time = new ManualTime();
  });

  it('say of which key, and how much of which limit is used', async () => {
    const accepted = [
      { keyPrefix: 'hk_live_retired', validUntilMs: 5 },
      { keyPrefix: PREFIX, validUntilMs: null },
    ];
    const state = keyState({ acceptedSecrets: accepted, expiresAtMs: Date.UTC(2027, 0, 1) });
    open().near(state, { policy: 'hour', limit: 20_000, used: 16_000 });
    await time.advance(0);
    const [event] = bus.events(SUBJECT);
    const { data } = keyEventEventSchema.parse(event);
    assert.deepEqual(data, {
      ...{ key_id: KEY_ID, key_prefix: PREFIX, name: 'training', environment: 'live' },
      ...{ user_id: state.owner.userId, version: '7', is_active: true },
      expires_at: '2027-01-01T00:00:00.000Z',
      quota: { policy: 'hour', limit: 20_000, used: 16_000, window_seconds: 3600 },
    });
  });

  it('wait for a broker that is away, and are given up at the end', async () => {
    bus.outcome = () => 'refused';
    const reporter = open();
    reporter.near(keyState(), { policy: 'user', limit: 10, used: 8 });
    await time.advance(1000);
    assert.equal(bus.events(SUBJECT).length, 0);
    bus.outcome = () => 'stored';
    await time.advance(10_000);
    assert.equal(bus.events(SUBJECT).length, 1);
    bus.outcome = () => 'refused';
    reporter.near(keyState(), { policy: 'user', limit: 10, used: 8 });
    const closed = reporter.close(100);
    await time.advance(200);
    await closed;
    assert.equal(bus.events(SUBJECT).length, 1);
  });

  it('are all that the broker lets a gateway say of keys', () => {
    const gateway = BUS_USERS.find(({ name }) => name === 'gateway');
    const ofKeys = gateway?.publish.filter((subject) => subject.startsWith('hokusai.keys.'));
    assert.deepEqual(ofKeys, [SUBJECT]);
  });
});
