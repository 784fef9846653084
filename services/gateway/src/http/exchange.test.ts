import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { ManualTime } from '../../test/support/manual-time.ts';
import { Exchange } from './exchange.ts';

describe('Exchange', () => {
  const begin = () => {
    const incoming = new IncomingMessage(new Socket());
    return new Exchange({
      incoming,
      outgoing: new ServerResponse(incoming),
      requestId: 'a',
      trace: { traceId: 'b', traceparent: 'c', continued: false },
      client: {} as Exchange['client'],
      expectsContinue: false,
      clock: new ManualTime(),
      onEnd: () => {},
    });
  };

  it('was left by a client whose connection closed before its answer was whole', () => {
    const unanswered = begin();
    unanswered.leave();
    assert.equal(unanswered.hasLeft, true);
  });

  it('was not left by one whose connection ended with its answer, or with what it was upgraded to', () => {
    const refused = begin();
    Object.defineProperty(refused.outgoing, 'writableFinished', { value: true });
    const upgraded = begin();
    upgraded.isUpgraded = true;
    for (const exchange of [refused, upgraded]) exchange.leave();
    assert.deepEqual([refused.hasLeft, upgraded.hasLeft], [false, false]);
  });
});
