import assert from 'node:assert/strict';
import { HealthLink, type HealthMessage } from './health-link.ts';

const NOT_READY = { ready: false, checks: { keys: 'away' } };
const READY = { ready: true, checks: { keys: 'ok' } };

describe('HealthLink', () => {
  it('asks both ways over one channel', async () => {
    const parent: HealthLink = new HealthLink(
      (message) => child.receive(structuredClone(message)),
      () => Promise.resolve(NOT_READY),
    );
    const child: HealthLink = new HealthLink(
      (message) => parent.receive(structuredClone(message)),
      () => Promise.resolve(READY),
    );
    const answers = await Promise.all([parent.ask(), child.ask(), parent.ask()]);
    assert.deepEqual(answers, [READY, NOT_READY, READY]);
  });

  it('tells answers apart, and leaves other messages alone', async () => {
    const sent: HealthMessage[] = [];
    const link = new HealthLink(
      (message) => sent.push(message),
      () => Promise.resolve(READY),
    );
    const [first, second] = [link.ask(), link.ask()];
    for (const other of [null, 'text', { cmd: 'x' }, { health: 'answer', id: 99, report: READY }])
      link.receive(other);
    link.receive({ health: 'answer', id: 2, report: READY });
    link.receive({ health: 'answer', id: 1, report: NOT_READY });
    assert.deepEqual(await Promise.all([first, second]), [NOT_READY, READY]);
    assert.deepEqual(
      sent.map(({ health }) => health),
      ['ask', 'ask'],
    );
  });

  it('does not wait for ever for a side that hangs', async () => {
    const link = new HealthLink(
      () => {},
      () => Promise.resolve(READY),
      20,
    );
    await assert.rejects(link.ask(), /no answer in 20 ms/);
  });
});
