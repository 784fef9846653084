/**
 * One gateway's usage events, at a given rate: batches of 200, published until the broker has acknowledged them,
 * under the same id over every attempt, as a gateway does. At its end it prints how many requests it has numbered.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { cloudEvent, type GatewayAnnouncement, SUBJECTS } from '@hokusai/contracts';
import { createLogger, openBus } from '@hokusai/service-kit';
import { requestTexts } from './requests.ts';

const BATCH = 200;
/** More than a gateway has, so that what a restart of the broker held up is caught up. */
const MAX_IN_FLIGHT = 16;
const RETRY_MS = 100;

const [url = '', incarnation = '', rate = '', seconds = ''] = process.argv.slice(2);
const bus = openBus({
  url,
  name: 'bench-publisher',
  publishTimeoutMs: 2000,
  logger: createLogger({ service: 'bench', level: 'silent' }),
});
const textOf = requestTexts();
let assigned = 0;

await untilItWorks(() => bus.check());
await announce('opened');
await publishAtRate(Number(rate), Number(seconds));
await announce('closed');
console.log(assigned);
await bus.close();

async function publishAtRate(eventsPerSecond: number, forSeconds: number): Promise<void> {
  const start = performance.now();
  const inFlight = new Set<Promise<void>>();
  const batches = Math.round((eventsPerSecond * forSeconds) / BATCH);
  for (let batch = 0; batch < batches; batch++) {
    const dueMs = start + (batch * BATCH * 1000) / eventsPerSecond;
    if (dueMs > performance.now()) await sleep(dueMs - performance.now());
    const sent = publishBatch().finally(() => inFlight.delete(sent));
    inFlight.add(sent);
    if (inFlight.size >= MAX_IN_FLIGHT) await Promise.race(inFlight);
  }
  await Promise.all(inFlight);
}

function publishBatch(): Promise<void> {
  const from = assigned + 1;
  assigned += BATCH;
  const at = new Date().toISOString();
  const requests = Array.from({ length: BATCH }, (_, index) => textOf(from + index, at)).join();
  const head = { incarnation, gateway: 'bench', from, to: assigned, refusals: [] };
  return publish(SUBJECTS.usageRequests, (envelope) =>
    envelope.replace(
      '"data":0',
      () => `"data":${JSON.stringify(head).slice(0, -1)},"requests":[${requests}]}`,
    ),
  );
}

function announce(kind: GatewayAnnouncement['kind']): Promise<void> {
  const counts = { assigned, flushed: assigned, dropped: 0, at: new Date().toISOString() };
  const data = JSON.stringify({ incarnation, gateway: 'bench', kind, ...counts });
  return publish(SUBJECTS.usageGateways, (envelope) => envelope.replace('"data":0', `"data":${data}`));
}

/** `withData` puts the data, which are text already, in the place of a 0. */
async function publish(subject: string, withData: (envelope: string) => string): Promise<void> {
  const id = randomUUID();
  const envelope = cloudEvent({ id, source: '/hokusai/gateway/bench', subject, time: new Date(), data: 0 });
  const payload = Buffer.from(withData(JSON.stringify(envelope)));
  await untilItWorks(() => bus.publish(subject, payload, id));
}

async function untilItWorks(attempt: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await attempt();
    } catch {
      await sleep(RETRY_MS);
    }
  }
}
