/** What no gateway should send: set aside or set right, counted, and no harm to what stands beside it. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { SUBJECTS, type UsageBatch } from '@hokusai/contracts';
import { eventually, residentBytes, type TestService } from '@hokusai/testing';
import { storedSequences, upTo } from './support/usage-database.ts';
import { batchOf, publishBatch } from './support/usage-events.ts';
import { type DeadLetter, startUsageStack, type UsageStack } from './support/usage-stack.ts';

const YEAR_MS = 365 * 24 * 60 * 60 * 1000;
const MIB = 1024 * 1024;

describe('bad input of the usage service', function () {
  this.timeout(60_000);
  let stack: UsageStack;
  let service: TestService;
  let hasEnded = false;

  before(async function () {
    this.timeout(120_000);
    stack = await startUsageStack();
    service = await stack.start();
    void service.exited.then(() => {
      hasEnded = true;
    });
  });

  // No crash loop: it is the process that was started first.
  afterEach(() => assert.equal(hasEnded, false, service.output()));
  after(() => stack.close());

  const holds = (incarnation: string, last: number) =>
    eventually(async () => assert.deepEqual(await storedSequences(stack.pool, incarnation), upTo(last)));

  /** Publishes what is wrong between two batches that are not; resolves with its dead letter. */
  async function letterOf(wrong: object): Promise<DeadLetter> {
    const incarnation = randomUUID();
    const before = (await stack.deadLetters()).length;
    await publishBatch(stack.gateway, batchOf(incarnation, 1, 2));
    await publishBatch(stack.gateway, wrong as UsageBatch);
    await publishBatch(stack.gateway, batchOf(incarnation, 3, 4));
    await holds(incarnation, 4);
    return await eventually(async () => {
      const letters = await stack.deadLetters();
      assert.equal(letters.length, before + 1);
      return letters.at(-1) as DeadLetter;
    });
  }

  it('sets aside a batch with a request that does not match the schema, and says which', async () => {
    const batch = batchOf(randomUUID(), 1, 5);
    const wrong = { ...batch.requests[3], status_code: '200' };
    const { reason, consumer } = await letterOf({
      ...batch,
      requests: batch.requests.with(3, wrong as never),
    });
    assert.equal(consumer, 'usage-ingest');
    assert.match(reason, /data\.requests\[3\]\.status_code: .*expected number/);
    assert.deepEqual(await storedSequences(stack.pool, batch.incarnation), []);
  });

  it('sets aside an endpoint of a megabyte, and keeps its beginning', async () => {
    const endpoint = `/${'x'.repeat(1_000_000)}`;
    const letter = await letterOf(batchOf(randomUUID(), 1, 1, { endpoint }));
    assert.match(letter.reason, /data\.requests\[0\]\.endpoint: .*256/);
    assert.ok((letter.payload_bytes ?? 0) > 1_000_000);
    const beginning = Buffer.from(letter.payload_base64, 'base64').toString();
    assert.match(beginning, /"endpoint":"\/x{1000}/);
  });

  it('sets aside a batch of a hundred thousand', async () => {
    const incarnation = randomUUID();
    const batch = { incarnation, gateway: 'gw-1', from: 1, to: 100_000, refusals: [] };
    const { reason } = await letterOf({ ...batch, requests: Array(100_000).fill({}) });
    assert.match(reason, /data\.requests: .*10000/);
  });

  it('stores requests of a clock that is a year off under the time of their arrival, and counts them', async () => {
    const incarnation = randomUUID();
    for (const [index, offMs] of [-YEAR_MS, YEAR_MS].entries()) {
      const timestamp = new Date(Date.now() + offMs).toISOString();
      await publishBatch(stack.gateway, batchOf(incarnation, 2 * index + 1, 2 * index + 2, { timestamp }));
    }
    await holds(incarnation, 4);
    const { rows } = await stack.pool.query(
      `select clock_corrections::int as corrections,
         (select max(abs(extract(epoch from clock_timestamp() - timestamp))) < 600
          from api_key_usage where incarnation = $1) as are_near
       from ingested_ranges where incarnation = $1`,
      [incarnation],
    );
    assert.deepEqual(rows, [{ corrections: 4, are_near: true }]);
  });

  it('goes on at its pace, and within its memory, while much is wrong', async () => {
    const before = (await stack.deadLetters()).length;
    const huge = Buffer.from(`{"data":"${'x'.repeat(MIB - 100)}"}`);
    const wrong = upTo(100).map((n) =>
      stack.gateway.publish(SUBJECTS.usageRequests, n % 4 === 0 ? huge : Buffer.from('{}'), randomUUID()),
    );
    await Promise.all(wrong);
    const incarnation = randomUUID();
    for (const n of upTo(100)) await publishBatch(stack.gateway, batchOf(incarnation, n * 10 - 9, n * 10));
    await holds(incarnation, 1000);
    await eventually(async () => assert.equal((await stack.deadLetters()).length, before + 100));
    const memory = residentBytes(service.pid) / MIB;
    // What the service is held to, 256 MiB, is for the measurement: on a busy machine the collector comes late.
    assert.ok(memory < 320, `${memory} MiB`);
  });
});
