import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts';
import { createLogger } from '../log.ts';
import { logFailedCalls } from './error-log.ts';

describe('the log of failed calls', () => {
  let nowMs = 0;
  let lines: { level: string; caller?: string; reason?: string; method?: string }[];
  let observe: ReturnType<typeof logFailedCalls>;

  beforeEach(() => {
    lines = [];
    const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
    observe = logFailedCalls(createLogger({ service: 'keys', level: 'info', destination }), () => nowMs);
  });

  const refused = new HokusaiError('unauthenticated', 'Unknown.', { reason: 'caller_unknown' });
  const told = () => lines.splice(0).map(({ level, reason, caller }) => [level, reason, caller]);

  it('tells of a caller that is refused once a minute, and of each kind by itself', () => {
    for (let call = 0; call < 5; call += 1) observe(refused, '/a', undefined);
    observe(refused, '/b', undefined);
    observe(new HokusaiError('permission_denied', 'No.', { reason: 'method_not_granted' }), '/a', 'keys');
    assert.deepEqual(told(), [
      ['warn', 'caller_unknown', undefined],
      ['warn', 'caller_unknown', undefined],
      ['warn', 'method_not_granted', 'keys'],
    ]);
    nowMs += 60_000;
    observe(refused, '/a', undefined);
    assert.equal(told().length, 1);
  });

  it('is loud about defects, names their caller, and is silent about what a request did wrong', () => {
    observe(new HokusaiError('internal', 'Broken.'), '/a', 'gateway');
    observe(new HokusaiError('unavailable', 'Away.'), '/a', 'gateway');
    observe(new HokusaiError('unauthenticated', 'No such key.', { reason: 'unknown_key' }), '/a', 'gateway');
    assert.deepEqual(told(), [
      ['error', undefined, 'gateway'],
      ['warn', undefined, 'gateway'],
    ]);
  });
});
