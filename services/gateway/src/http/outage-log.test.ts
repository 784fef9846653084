import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts';
import { createLogger } from '@hokusai/service-kit';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { createOutageLog } from './outage-log.ts';

const AWAY = new HokusaiError('unavailable', "Keys can't be checked.", {
  reason: 'keys_unavailable',
  cause: new Error('connection refused'),
});
const SLOW = new HokusaiError('deadline_exceeded', 'MLflow was too slow.');

function newLog() {
  const lines: Record<string, unknown>[] = [];
  const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
  const clock = new ManualClock();
  const note = createOutageLog(createLogger({ service: 'test', level: 'info', destination }), clock);
  return { lines, clock, note };
}

describe('The log of outages', () => {
  it('says what the first failure was, then how many there were, once a second at most', () => {
    const { lines, clock, note } = newLog();
    for (let request = 0; request < 100; request += 1) note(AWAY, `r${request}`);
    assert.equal(lines.length, 1);
    assert.deepEqual(lines[0]?.['causes'], ["Keys can't be checked.", 'connection refused']);
    assert.deepEqual([lines[0]?.['requestId'], lines[0]?.['reason']], ['r0', 'keys_unavailable']);
    clock.advance(999);
    note(AWAY, 'r');
    assert.equal(lines.length, 1);
    clock.advance(1);
    note(AWAY, 'r');
    note(AWAY, 'r');
    assert.deepEqual(
      lines.map(({ count }) => count),
      [undefined, 101],
    );
    clock.advance(1000);
    note(AWAY, 'r');
    assert.equal(lines[2]?.['count'], 2);
    assert.doesNotMatch(JSON.stringify(lines), /\.ts:\d/, 'no stacks');
  });

  it('tells reasons apart, by their code where there is none', () => {
    const { lines, note } = newLog();
    note(AWAY, 'r');
    note(SLOW, 'r');
    assert.deepEqual(
      lines.map(({ reason }) => reason),
      ['keys_unavailable', 'deadline_exceeded'],
    );
  });

  it('takes a failure after a quiet minute for another outage', () => {
    const { lines, clock, note } = newLog();
    for (const silenceMs of [0, 59_999, 60_000]) {
      clock.advance(silenceMs);
      note(SLOW, 'r');
    }
    assert.deepEqual(
      lines.map(({ causes }) => causes !== undefined),
      [true, false, true],
    );
  });
});
