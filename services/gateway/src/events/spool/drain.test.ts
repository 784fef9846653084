import assert from 'node:assert/strict';
import type { Logger } from '@hokusai/service-kit';
import { ManualTime } from '../../../test/support/manual-time.ts';
import { MemorySpool } from '../../../test/support/memory-spool.ts';
import { FLUSH_MS, MAX_BYTES } from '../../../test/support/spool-world.ts';
import { StubBus } from '../../../test/support/stub-bus.ts';
import { SOME_REQUEST } from '../../../test/support/usage-request.ts';
import { createUsageRecorder } from '../usage-recorder.ts';

/** What a recorder says while the broker refuses so many attempts. */
async function wordsWhile(refusals: number): Promise<string[]> {
  const words: string[] = [];
  const word = (level: string) => (first: unknown, second?: string) =>
    void words.push(`${level}: ${second ?? String(first)}`);
  const listener = { info: word('info'), warn: word('warn'), debug: () => {}, error: word('error') };
  const [time, bus] = [new ManualTime(), new StubBus()];
  let left = refusals;
  bus.outcome = () => (left-- > 0 ? 'refused' : 'stored');
  const recorder = createUsageRecorder({
    ...{ bus, clock: time, timers: time, logger: listener as unknown as Logger },
    ...{
      incarnation: '6f1f3c9a-8b0e-4a53-9d2e-000000000000',
      gateway: 'gw-1',
      flushMs: FLUSH_MS,
      flushEvents: 5,
    },
    spool: { directory: new MemorySpool(time).directory({ isAlive: true }), maxBytes: MAX_BYTES },
  });
  recorder.request(SOME_REQUEST);
  await time.advance(60_000);
  const closed = recorder.close(3000);
  await time.advance(8000);
  await closed;
  return words;
}

describe('the drain of a spool', () => {
  it('tells of an outage once, and of its end; of one failed attempt, as each start has, nothing', async () => {
    assert.deepEqual(await wordsWhile(1), []);
    assert.deepEqual(await wordsWhile(5), [
      'warn: sending usage that waits fails; trying again',
      'info: sending usage that waits works again',
    ]);
  });
});
