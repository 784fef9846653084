/** For how long requests are repeated, on a clock that the test sets. */
import assert from 'node:assert/strict';
import { z } from 'zod';
import { createClient } from '../src/api/client.ts';
import { type FakeGateway, problem, startFakeGateway } from './support/fake-gateway.ts';
import { CALLER_KEY } from './support/samples.ts';

describe('repetition', () => {
  let gateway: FakeGateway;
  beforeEach(async () => {
    gateway = await startFakeGateway();
  });
  afterEach(() => gateway.close());

  /** How often a gateway is asked that takes so long to say that it can't. */
  async function attemptsOf(attemptMs: number): Promise<number> {
    let nowMs = 0;
    const away = problem(503, 'keys_unavailable', 'Wait.');
    gateway.reply((asked, response) => {
      nowMs += attemptMs;
      away(asked, response);
    });
    const client = createClient({
      access: { url: { value: gateway.url, source: 'test' }, key: { value: CALLER_KEY, source: 'test' } },
      version: '1.2.3',
      signal: new AbortController().signal,
      now: () => nowMs,
      delay: async () => undefined,
      onRepeat: () => undefined,
    });
    await assert.rejects(client.send(z.unknown(), { method: 'DELETE', path: '/' }), { kind: 'unavailable' });
    return gateway.asked.length;
  }

  it('of what fails soon ends with the sixth attempt', async () => {
    assert.equal(await attemptsOf(1000), 6);
  });

  it('counts the time that the attempts took', async () => {
    assert.equal(await attemptsOf(25_000), 3);
  });

  it('spares what took a minute', async () => {
    assert.equal(await attemptsOf(60_001), 1);
  });
});
