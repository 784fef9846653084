/** The event bus against a real broker, as the services' own users: publishing and consuming. */
import assert from 'node:assert/strict';
import { CONSUMERS, deadLetterSubject, HokusaiError, SUBJECTS } from '@hokusai/contracts';
import { createNats, eventually, type TestNats } from '@hokusai/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import {
  type Bus,
  type BusMessage,
  createLogger,
  handleReadable,
  openBus,
  provisionBus,
} from '../src/index.ts';
import { natsOptionsOf } from '../src/nats/connection.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const { keysLastUsed: consumer } = CONSUMERS;

class Outage extends Error {}

describe('event bus', function () {
  this.timeout(60_000);
  let nats: TestNats;
  let gateway: Bus;
  let keys: Bus;
  let admin: NatsConnection;
  /** Handled batches, as the numbers that were published. */
  let batches: number[][];
  let handle: (numbers: number[], messages: readonly BusMessage[]) => Promise<void>;

  const open = (user: 'gateway' | 'keys', publishTimeoutMs = 20_000) =>
    openBus({ url: nats.urls[user], name: `test-${user}`, publishTimeoutMs, logger });

  const consume = (options: { batchSize?: number; lingerMs?: number; concurrency?: number } = {}) =>
    keys.consume({
      stream: consumer.stream,
      durable: consumer.durable,
      batchSize: options.batchSize ?? 10,
      lingerMs: options.lingerMs ?? 20,
      concurrency: options.concurrency ?? 1,
      handle: (messages) =>
        handle(
          messages.map(({ data }) => data as number),
          messages,
        ),
      isOutage: (error) => error instanceof Outage,
    });

  const publish = (number: number, id = `id-${number}`) =>
    gateway.publish(SUBJECTS.usageRequests, Buffer.from(JSON.stringify(number)), id);

  const whenUp = (bus: Bus) => eventually(() => bus.check());
  const handled = () => batches.flat().toSorted((left, right) => left - right);
  const consumerInfo = async () =>
    (await jetstreamManager(admin)).consumers.info(consumer.stream, consumer.durable);
  const messagesIn = async (stream: string) =>
    (await (await jetstreamManager(admin)).streams.info(stream)).state.messages;

  beforeEach(async function () {
    this.timeout(120_000);
    nats = await createNats();
    batches = [];
    handle = (numbers) => {
      batches.push(numbers);
      return Promise.resolve();
    };
    gateway = open('gateway');
    keys = open('keys');
    admin = await connect(natsOptionsOf(nats.urls.admin));
    await whenUp(gateway);
    await whenUp(keys);
  });

  afterEach(async () => {
    await nats.resume();
    await Promise.all([gateway.close(), keys.close()]);
    await admin.close();
    await nats.close();
  });

  it('publishes, and stores a repetition once', async () => {
    await publish(1, 'same');
    await publish(1, 'same');
    assert.equal(await messagesIn('USAGE'), 1);
  });

  it('can be provisioned again and again', async () => {
    await Promise.all([provisionBus(nats.urls.admin), provisionBus(nats.urls.admin)]);
    await publish(1);
    assert.equal(await messagesIn('USAGE'), 1);
  });

  it('refuses for good what is larger than the broker accepts', async () => {
    const huge = gateway.publish(SUBJECTS.usageRequests, Buffer.alloc(2 * 1024 * 1024), 'huge');
    await assert.rejects(huge, (error) => error instanceof HokusaiError && error.code === 'invalid_request');
  });

  it('fails to publish within its time while the broker stands still, and at once while it is away', async () => {
    const isUnavailable = (error: unknown) =>
      error instanceof HokusaiError && error.code === 'unavailable' && !/internal/.test(error.message);
    await gateway.close();
    gateway = open('gateway', 1000);
    await whenUp(gateway);
    await nats.pause();
    await assert.rejects(publish(1), isUnavailable);
    await nats.resume();
    await nats.kill();
    await eventually(() => assert.rejects(gateway.check(), /not connected/));
    await assert.rejects(publish(2), isUnavailable);
    await nats.start();
    await whenUp(gateway);
    await eventually(() => publish(3));
  });

  it('may not publish what is not the user’s to publish', async () => {
    const forbidden = gateway.publish('hokusai.keys.v1.events.created', Buffer.from('1'), 'forbidden');
    await assert.rejects(forbidden, (error) => error instanceof HokusaiError && error.code === 'unavailable');
    assert.equal(await messagesIn('KEYS'), 0);
  });

  it('hands over messages in batches, in order, and acknowledges them', async () => {
    for (let number = 1; number <= 25; number += 1) await publish(number);
    consume({ batchSize: 10, lingerMs: 200 });
    await eventually(() => assert.equal(handled().length, 25));
    assert.deepEqual(
      batches.flat(),
      Array.from({ length: 25 }, (_, index) => index + 1),
    );
    assert.ok(
      batches.every((batch) => batch.length <= 10),
      'no batch is larger than asked for',
    );
    assert.ok(batches.length <= 5, `messages are gathered: ${batches.length} batches`);
    await eventually(async () => assert.equal((await consumerInfo()).num_ack_pending, 0));
  });

  it('hands over as many batches at the same time as it was asked to, and no more', async () => {
    const [all, most] = [6, 2];
    for (let number = 1; number <= all; number += 1) await publish(number);
    let underWay = 0;
    let peak = 0;
    let { promise, resolve } = Promise.withResolvers<void>();
    handle = async (numbers) => {
      peak = Math.max(peak, ++underWay);
      // Each waits for one beside it.
      if (underWay === most) resolve();
      await promise;
      if (--underWay === 0) ({ promise, resolve } = Promise.withResolvers<void>());
      batches.push(numbers);
    };
    consume({ batchSize: 1, concurrency: most });
    await eventually(() => assert.deepEqual(handled(), [1, 2, 3, 4, 5, 6]));
    assert.equal(peak, most);
    await eventually(async () => assert.equal((await consumerInfo()).num_ack_pending, 0));
  });

  it('tells what cannot be read as JSON from what can, and says where a message stands', async () => {
    let seen: readonly BusMessage[] = [];
    handle = (_, messages) => {
      seen = messages;
      return Promise.resolve();
    };
    await gateway.publish(SUBJECTS.usageRequests, Buffer.from('{'), 'broken');
    await publish(2);
    consume();
    await eventually(() => assert.equal(seen.length, 1));
    const [message] = seen as [BusMessage];
    assert.deepEqual([message.subject, message.streamSequence], [SUBJECTS.usageRequests, 2]);
    await eventually(async () => assert.equal(await messagesIn('DEADLETTER'), 1));
    const letter = await (await jetstreamManager(admin)).streams.getMessage('DEADLETTER', { seq: 1 });
    assert.match(letter?.string() ?? '', /The message is not JSON/);
  });

  it('takes no more from the broker than it can soon handle', async () => {
    const gate = Promise.withResolvers<void>();
    handle = async (numbers) => {
      await gate.promise;
      batches.push(numbers);
    };
    for (let number = 1; number <= 200; number += 1) await publish(number);
    consume({ batchSize: 10 });
    await eventually(async () => assert.ok((await consumerInfo()).num_ack_pending > 0));
    // Nothing more comes once the broker has answered a later question of this connection.
    for (let round = 0; round < 10; round += 1) await consumerInfo();
    const { num_ack_pending: taken } = await consumerInfo();
    gate.resolve();
    assert.ok(taken <= 20, `${taken} messages taken with a batch of 10 in hand`);
    await eventually(() => assert.equal(handled().length, 200));
  });

  it('waits for an outage to end, however often that fails', async () => {
    let outages = 0;
    handle = (numbers) => {
      outages += 1;
      if (outages <= 7) return Promise.reject(new Outage());
      batches.push(numbers);
      return Promise.resolve();
    };
    await publish(1);
    consume();
    await eventually(() => assert.deepEqual(handled(), [1]));
    assert.equal(await messagesIn('DEADLETTER'), 0);
  });

  it('does not count an outage against a message that fails once after it', async () => {
    let calls = 0;
    handle = (numbers) => {
      calls += 1;
      if (calls <= 6) return Promise.reject(new Outage());
      if (calls === 7) return Promise.reject(new HokusaiError('unprocessable', 'bad luck'));
      batches.push(numbers);
      return Promise.resolve();
    };
    await publish(1);
    consume();
    await eventually(() => assert.deepEqual(handled(), [1]));
    assert.equal(await messagesIn('DEADLETTER'), 0);
  });

  it('waits for what no message is to blame for, however often that fails, and stores the others', async () => {
    let attempts = 0;
    handle = (numbers) => {
      if (numbers.includes(2)) {
        if (numbers.length === 1) attempts += 1;
        if (attempts <= 6) return Promise.reject(new Error('nobody knows why'));
      }
      batches.push(numbers);
      return Promise.resolve();
    };
    for (const number of [1, 2, 3]) await publish(number);
    consume({ lingerMs: 200 });
    await eventually(() => assert.deepEqual(handled(), [1, 3]));
    await eventually(() => assert.deepEqual(handled(), [1, 2, 3]));
    assert.equal(await messagesIn('DEADLETTER'), 0);
  });

  it('tries no further messages of a batch once two have failed for no known reason', async () => {
    const attempts: number[][] = [];
    let isBroken = true;
    handle = (numbers) => {
      attempts.push(numbers);
      if (isBroken) return Promise.reject(new Error('nobody knows why'));
      batches.push(numbers);
      return Promise.resolve();
    };
    for (let number = 1; number <= 5; number += 1) await publish(number);
    consume({ batchSize: 5, lingerMs: 500 });
    await eventually(() => assert.ok(attempts.length >= 3));
    isBroken = false;
    assert.deepEqual(attempts.slice(0, 3), [[1, 2, 3, 4, 5], [1], [2]]);
    await eventually(() => assert.deepEqual(handled(), [1, 2, 3, 4, 5]));
  });

  it('moves what fails five times to the dead letters, and stores the rest of its batch', async () => {
    let attempts = 0;
    handle = (numbers) => {
      if (numbers.includes(2)) {
        if (numbers.length === 1) attempts += 1;
        return Promise.reject(new HokusaiError('unprocessable', 'number 2 is wrong'));
      }
      batches.push(numbers);
      return Promise.resolve();
    };
    for (const number of [1, 2, 3]) await publish(number);
    consume({ lingerMs: 200 });
    await eventually(async () => assert.equal(await messagesIn('DEADLETTER'), 1));
    assert.deepEqual(handled(), [1, 3]);
    assert.equal(attempts, 5);
    await eventually(async () => assert.equal((await consumerInfo()).num_ack_pending, 0));
    const manager = await jetstreamManager(admin);
    const letter = await manager.streams.getMessage('DEADLETTER', {
      last_by_subj: deadLetterSubject('USAGE'),
    });
    assert.ok(letter);
    const { reason, payload_base64: payload, ...rest } = letter.json<Record<string, unknown>>();
    assert.equal(reason, 'number 2 is wrong');
    assert.equal(Buffer.from(String(payload), 'base64').toString(), '2');
    assert.deepEqual(rest, {
      stream: 'USAGE',
      stream_sequence: 2,
      subject: SUBJECTS.usageRequests,
      consumer: consumer.durable,
    });
    await eventually(() => assert.match(keys.deadLetters() ?? '', /^messages of USAGE could not be read/));
    await manager.streams.purge('DEADLETTER', { filter: deadLetterSubject('USAGE') });
    await eventually(() => assert.equal(keys.deadLetters(), undefined));
  });

  it('acknowledges what was stored beside what can not be read, which alone is tried again', async () => {
    const seen: number[][] = [];
    handle = (numbers, messages) => {
      seen.push(numbers);
      const read = ({ data }: BusMessage) => {
        if (data === 2) throw new HokusaiError('unprocessable', 'number 2 is wrong');
        return data as number;
      };
      return handleReadable(messages, read, async (readable) => void batches.push([...readable]));
    };
    for (const number of [1, 2, 3]) await publish(number);
    consume({ lingerMs: 200 });
    await eventually(async () => assert.equal(await messagesIn('DEADLETTER'), 1));
    assert.deepEqual(batches, [[1, 3]]);
    assert.deepEqual(seen, [[1, 2, 3], ...Array(4).fill([2])]);
    await eventually(async () => assert.equal((await consumerInfo()).num_ack_pending, 0));
  });

  it('keeps the beginning of a message that is too large for a dead letter', async () => {
    handle = () => Promise.reject(new HokusaiError('unprocessable', 'too much of it'));
    const bytes = 1024 * 1024 - 1000;
    await gateway.publish(
      SUBJECTS.usageRequests,
      Buffer.from(JSON.stringify('x'.repeat(bytes - 2))),
      'large',
    );
    consume();
    await eventually(async () => assert.equal(await messagesIn('DEADLETTER'), 1));
    const manager = await jetstreamManager(admin);
    const letter = await manager.streams.getMessage('DEADLETTER', { seq: 1 });
    const { payload_base64, payload_bytes } = letter?.json<Record<string, unknown>>() ?? {};
    assert.equal(payload_bytes, bytes);
    assert.match(Buffer.from(String(payload_base64), 'base64').toString(), /^"x{60000,}$/);
    await eventually(async () => assert.equal((await consumerInfo()).num_ack_pending, 0));
  });

  it('hands over less at once of large messages', async () => {
    const large = Buffer.from(JSON.stringify('x'.repeat(1_000_000)));
    for (const number of [1, 2, 3, 4, 5, 6])
      await gateway.publish(SUBJECTS.usageRequests, large, `${number}`);
    const sizes: number[] = [];
    handle = async (_numbers, messages) => void sizes.push(messages.length);
    consume({ batchSize: 6, lingerMs: 1000 });
    await eventually(() =>
      assert.equal(
        sizes.reduce((sum, size) => sum + size, 0),
        6,
      ),
    );
    assert.equal(sizes[0], 5);
  });

  it('goes on after the broker was killed and started again', async () => {
    consume();
    await publish(1);
    await eventually(() => assert.deepEqual(handled(), [1]));
    await nats.kill();
    await nats.start();
    await whenUp(gateway);
    await eventually(() => publish(2));
    await eventually(() => assert.ok(handled().includes(2)));
  });

  it('goes on when its durable consumer was removed and made again', async () => {
    consume();
    await publish(1);
    await eventually(() => assert.deepEqual(handled(), [1]));
    await (await jetstreamManager(admin)).consumers.delete(consumer.stream, consumer.durable);
    await provisionBus(nats.urls.admin);
    await publish(2);
    await eventually(() => assert.ok(handled().includes(2)));
  });

  it('begins when the broker is there, and stops before that if asked to', async () => {
    await nats.stop();
    const early = openBus({ url: nats.urls.keys, name: 'early', publishTimeoutMs: 500, logger });
    const never = openBus({ url: nats.urls.keys, name: 'never', publishTimeoutMs: 500, logger });
    await never.close();
    await assert.rejects(
      early.publish('hokusai.keys.v1.events.created', Buffer.from('1'), '1'),
      HokusaiError,
    );
    await nats.start();
    await whenUp(early);
    await eventually(() => early.publish('hokusai.keys.v1.events.created', Buffer.from('1'), '1'));
    await early.close();
  });

  it('finishes the batch in hand when closed, and gives the rest back at once', async () => {
    const started = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    handle = async (numbers) => {
      started.resolve();
      await gate.promise;
      batches.push(numbers);
    };
    for (let number = 1; number <= 6; number += 1) {
      // So large that the fourth is still on its way when the third is there.
      const payload = Buffer.from(String(number).padEnd(500_000));
      await gateway.publish(SUBJECTS.usageRequests, payload, `id-${number}`);
    }
    consume({ batchSize: 3, lingerMs: 200 });
    await started.promise;
    const closing = keys.close();
    gate.resolve();
    await closing;
    assert.deepEqual(handled(), [1, 2, 3]);
    await eventually(async () => assert.equal((await consumerInfo()).ack_floor.stream_seq, 3));
    keys = open('keys');
    consume();
    // Well before the 30 s after which the broker would have delivered them again by itself.
    await eventually(() => assert.deepEqual(handled(), [1, 2, 3, 4, 5, 6]));
  });

  it('closes while the broker stands still', async () => {
    consume();
    await publish(1);
    await eventually(() => assert.deepEqual(handled(), [1]));
    await nats.pause();
    await keys.close();
  });
});
