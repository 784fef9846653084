import assert from 'node:assert/strict';
import { messageIdOf, needsConfirmation, verdictOn } from './outbox-rules.ts';

describe('outbox rules', () => {
  it('keep events of the audit log until it has confirmed them', () => {
    assert.equal(needsConfirmation('hokusai.audit.v1.keys.key.created'), true);
    assert.equal(needsConfirmation('hokusai.keys.v1.events.created'), false);
  });

  it('name a sending anew once the one before was acknowledged', () => {
    assert.deepEqual(
      [0, 1, 2].map((acknowledged) => messageIdOf('e', acknowledged)),
      ['e', 'e.1', 'e.2'],
    );
  });

  it('wait for 30 s, 1, 2 and 4 minutes before a resend, and park after the fifth sending', () => {
    const waits = [30_000, 60_000, 120_000, 240_000];
    waits.forEach((waitMs, index) => {
      assert.equal(verdictOn(waitMs - 1, index + 1), 'wait');
      assert.equal(verdictOn(waitMs, index + 1), 'resend');
    });
    assert.equal(verdictOn(299_999, 5), 'wait');
    assert.equal(verdictOn(300_000, 5), 'park');
    assert.equal(verdictOn(300_000, 9), 'park');
  });
});
