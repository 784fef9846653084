/** What the read-only user for subscribers outside may do on a real broker, and all that it is refused. */
import assert from 'node:assert/strict';
import { BUS_USERS, CONSUMERS, STREAMS, SUBSCRIBER_STREAMS } from '@hokusai/contracts';
import { createNats, eventually, type TestNats } from '@hokusai/testing';
import { AckPolicy, DeliverPolicy, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection, PermissionViolationError } from '@nats-io/transport-node';
import { natsOptionsOf } from '../src/nats/connection.ts';

const KEY_EVENT = 'hokusai.keys.v1.events.created';
const AUDIT_EVENT = 'hokusai.audit.v1.keys.key.created';
const INBOXES = '_INBOX_subscriber';

/** A subject for each of the things that NATS lets a client ask of JetStream. */
const REQUESTS_OF_A_STREAM = [
  'STREAM.CREATE.*',
  'STREAM.UPDATE.*',
  'STREAM.DELETE.*',
  'STREAM.PURGE.*',
  'STREAM.INFO.*',
  'STREAM.SNAPSHOT.*',
  'STREAM.RESTORE.*',
  'STREAM.MSG.GET.*',
  'STREAM.MSG.DELETE.*',
  'STREAM.PEER.REMOVE.*',
  'STREAM.LEADER.STEPDOWN.*',
  'CONSUMER.NAMES.*',
  'CONSUMER.LIST.*',
  'CONSUMER.CREATE.*',
  'CONSUMER.CREATE.*.mine',
  'CONSUMER.CREATE.*.mine.>',
  'CONSUMER.DURABLE.CREATE.*.mine',
];
const REQUESTS_OF_A_CONSUMER = [
  'CONSUMER.INFO.*',
  'CONSUMER.DELETE.*',
  'CONSUMER.PAUSE.*',
  'CONSUMER.RESET.*',
  'CONSUMER.UNPIN.*',
  'CONSUMER.MSG.NEXT.*',
  'CONSUMER.LEADER.STEPDOWN.*',
  'CONSUMER.CREATE.*',
  'CONSUMER.DURABLE.CREATE.*',
];
const OTHER_REQUESTS = [
  'INFO',
  'STREAM.NAMES',
  'STREAM.LIST',
  'ACCOUNT.PURGE.HOKUSAI',
  'META.LEADER.STEPDOWN',
];

describe('the subscriber of the event bus', function () {
  this.timeout(60_000);
  let nats: TestNats;
  let admin: NatsConnection;
  let manager: JetStreamManager;
  let subscriber: NatsConnection;

  before(async function () {
    this.timeout(120_000);
    nats = await createNats();
    admin = await connect(natsOptionsOf(nats.urls.admin));
    manager = await jetstreamManager(admin);
    subscriber = await connect({ ...natsOptionsOf(nats.urls.subscriber), inboxPrefix: INBOXES });
    void listenToRefusals();
  });

  after(async () => {
    await subscriber?.close();
    await admin?.close();
    await nats?.close();
  });

  const publish = (subject: string, data: string) => manager.jetstream().publish(subject, data);
  const messagesIn = async (stream: string) => (await manager.streams.info(stream)).state.messages;
  const counts = () => Promise.all(STREAMS.map(({ name }) => messagesIn(name)));

  /** What the server refuses the subscriber, as `publish` or `subscription` and the subject. */
  const refusals: string[] = [];
  async function listenToRefusals(): Promise<void> {
    for await (const status of subscriber.status())
      if (status.type === 'error' && status.error instanceof PermissionViolationError)
        refusals.push(`${status.error.operation} ${status.error.subject}`);
  }

  async function isRefused(refusal: string, attempt: () => void): Promise<void> {
    refusals.length = 0;
    attempt();
    await subscriber.flush();
    await eventually(() => assert.deepEqual(refusals, [refusal]));
  }

  const refusedToPublish = (subject: string, reply?: string) =>
    isRefused(`publish ${subject}`, () => subscriber.publish(subject, '{}', reply ? { reply } : {}));
  const refusedToSubscribe = (subject: string) =>
    isRefused(`subscription ${subject}`, () => void subscriber.subscribe(subject, { callback: () => {} }));

  it('hears key and audit events', async () => {
    const heard: string[] = [];
    const callback = (_error: unknown, { subject }: { subject: string }) => void heard.push(subject);
    const subscriptions = ['hokusai.audit.v1.>', 'hokusai.keys.v1.events.>', AUDIT_EVENT].map((subject) =>
      subscriber.subscribe(subject, { callback }),
    );
    await subscriber.flush();
    await publish(KEY_EVENT, '{}');
    await publish(AUDIT_EVENT, '{}');
    await eventually(() => assert.deepEqual(heard.toSorted(), [AUDIT_EVENT, AUDIT_EVENT, KEY_EVENT]));
    for (const subscription of subscriptions) subscription.unsubscribe();
  });

  it('reads what the streams of those hold', async () => {
    assert.deepEqual(
      SUBSCRIBER_STREAMS.map(({ name }) => name),
      ['AUDIT', 'AUDIT_GATEWAY', 'KEYS'],
    );
    await publish('hokusai.audit.v1.gateway.auth.refused', '{"n":1}');
    for (const { name } of SUBSCRIBER_STREAMS) {
      const answer = await subscriber.request(`$JS.API.DIRECT.GET.${name}`, '{"seq":1}');
      assert.equal(answer.headers?.get('Nats-Sequence'), '1', name);
    }
  });

  describe('is refused', () => {
    const subjects = [
      'hokusai.>',
      'hokusai.usage.v1.requests',
      'hokusai.deadletter.v1.AUDIT',
      ...BUS_USERS.flatMap(({ publish: own }) => own),
      KEY_EVENT,
      AUDIT_EVENT,
      'anything',
    ].map((subject) => subject.replaceAll('>', 'x'));
    for (const subject of new Set(subjects)) it(`to publish ${subject}`, () => refusedToPublish(subject));

    for (const request of REQUESTS_OF_A_STREAM)
      it(`${request}, of every stream`, async () => {
        for (const { name } of [...STREAMS, { name: 'MINE' }])
          await refusedToPublish(
            `$JS.API.${request.replace('*', name).replace('>', 'hokusai.audit.v1.x')}`,
            `${INBOXES}.x`,
          );
      });

    for (const request of REQUESTS_OF_A_CONSUMER)
      it(`${request}, of every service's consumer`, async () => {
        for (const { stream, durable } of Object.values(CONSUMERS))
          await refusedToPublish(`$JS.API.${request.replace('*', stream)}.${durable}`, `${INBOXES}.x`);
      });

    for (const request of OTHER_REQUESTS)
      it(request, () => refusedToPublish(`$JS.API.${request}`, `${INBOXES}.x`));

    it('to acknowledge in the place of a service', async () => {
      for (const { stream, durable } of Object.values(CONSUMERS))
        await refusedToPublish(`$JS.ACK.${stream}.${durable}.1.1.1.1.1`);
    });

    it('to read other streams, or one by another name of the request', async () => {
      for (const { name } of STREAMS.filter((stream) => !SUBSCRIBER_STREAMS.includes(stream))) {
        await refusedToPublish(`$JS.API.DIRECT.GET.${name}`, `${INBOXES}.x`);
        await refusedToPublish(`$JS.API.DIRECT.GET.${name}.hokusai.usage.v1.requests`, `${INBOXES}.x`);
      }
    });

    const heard = [
      '>',
      '*',
      'hokusai.>',
      'hokusai.*.v1.>',
      'hokusai.usage.v1.>',
      'hokusai.deadletter.v1.>',
      'hokusai.keys.>',
      '$JS.>',
      '$JS.API.>',
      '$JS.EVENT.>',
      '$SYS.>',
      '_R_.>',
      '_INBOX.>',
      '_INBOX_admin.>',
      '_GR_.>',
      ...BUS_USERS.map(({ name }) => `_INBOX_${name}.>`),
    ];
    for (const subject of heard) it(`to listen to ${subject}`, () => refusedToSubscribe(subject));

    it('services of the system itself', async () => {
      for (const subject of ['$SYS.REQ.SERVER.PING', '$SYS.REQ.ACCOUNT.PING.CONNZ', '$SYS.REQ.USER.INFO'])
        await refusedToPublish(subject, `${INBOXES}.x`);
    });
  });

  it('can put nothing into a stream by where it wants its answers', async () => {
    const before = await counts();
    const targets = [KEY_EVENT, AUDIT_EVENT, 'hokusai.usage.v1.requests', 'hokusai.deadletter.v1.KEYS'];
    for (const reply of targets)
      for (const query of ['{"seq":1}', '{"seq":1,"batch":10}', '{"seq":99999}', 'not JSON'])
        subscriber.publish('$JS.API.DIRECT.GET.AUDIT', query, { reply });
    await subscriber.flush();
    // What the server still had to answer is answered before this.
    await subscriber.request('$JS.API.DIRECT.GET.AUDIT', '{"seq":1}');
    assert.deepEqual(await counts(), before);
  });

  it('can reach no inbox of a service by where it wants its answers', async () => {
    const heard: string[] = [];
    admin.subscribe('_INBOX_keys.>', { callback: (_error, { subject }) => void heard.push(subject) });
    await admin.flush();
    subscriber.publish('$JS.API.DIRECT.GET.AUDIT', '{"seq":1}', { reply: '_INBOX_keys.spoofed' });
    await subscriber.request('$JS.API.DIRECT.GET.AUDIT', '{"seq":1}');
    await admin.request('$JS.API.INFO');
    assert.deepEqual(heard, []);
  });

  it('hears nothing that others ask and are answered', async () => {
    const heard: string[] = [];
    const subscription = subscriber.subscribe(`${INBOXES}.>`, {
      callback: (_error, { subject }) => void heard.push(subject),
    });
    await subscriber.flush();
    const own = { durable_name: 'own', ack_policy: AckPolicy.None, deliver_policy: DeliverPolicy.All };
    await manager.consumers.add('AUDIT', own);
    await manager.consumers.delete('AUDIT', 'own');
    await publish(KEY_EVENT, '{}');
    await subscriber.flush();
    subscription.unsubscribe();
    assert.deepEqual(heard, []);
  });
});
