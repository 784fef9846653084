/**
 * Publishes audit events at a given rate, as the keys service does: each by itself, a hundred of them under way, until
 * the broker has acknowledged it. At its end it prints how many it has published.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { auditSubject, cloudEvent } from '@hokusai/contracts';
import { createLogger, openBus } from '@hokusai/service-kit';
import { eventually } from '@hokusai/testing';
import { auditEvent } from './events.ts';

const BATCH = 100;
/** Their text is made beforehand: keys has it from its outbox. */
const TEXTS = 1000;

const [url = '', rate = '', seconds = ''] = process.argv.slice(2);
const bus = openBus({
  url,
  name: 'bench-publisher',
  publishTimeoutMs: 5000,
  logger: createLogger({ service: 'bench', level: 'silent' }),
});
const texts = Array.from({ length: TEXTS }, (_, number) => textOf(number));
let published = 0;

await eventually(() => bus.check());
await publishAtRate(Number(rate), Number(seconds));
console.log(published);
await bus.close();

async function publishAtRate(eventsPerSecond: number, forSeconds: number): Promise<void> {
  const start = performance.now();
  const total = eventsPerSecond * forSeconds;
  while (published < total) {
    const dueMs = start + (published * 1000) / eventsPerSecond;
    if (dueMs > performance.now()) await sleep(dueMs - performance.now());
    await Promise.all(Array.from({ length: BATCH }, (_, index) => publish(published + index)));
    published += BATCH;
  }
}

async function publish(number: number): Promise<void> {
  const { subject, head, rest } = texts[number % TEXTS] as (typeof texts)[number];
  const id = randomUUID();
  const payload = Buffer.from(`${head}${id}${rest}`);
  await eventually(() => bus.publish(subject, payload, id));
}

/** The JSON of an event before and after its id. */
function textOf(number: number) {
  const time = new Date();
  const data = auditEvent(number, time.toISOString());
  const subject = auditSubject('keys', data.action);
  const [head = '', rest = ''] = JSON.stringify(
    cloudEvent({ id: '<id>', source: '/hokusai/keys/bench', subject, time, data }),
  ).split('<id>');
  return { subject, head, rest };
}
