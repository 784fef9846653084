import assert from 'node:assert/strict';
import { stripVTControlCharacters } from 'node:util';
import { createProgressView, type ProgressEvent } from './progress.ts';

const events: ProgressEvent[] = [
  { kind: 'busy', part: 'mlflow', text: 'installing' },
  { kind: 'busy', part: 'mlflow', text: 'installing' },
  { kind: 'done', part: 'redis', text: 'port 6379' },
  { kind: 'done', part: 'mlflow', text: 'port 5000' },
];

function show(isTTY: boolean, columns = 80): string {
  let text = '';
  let now = 0;
  const view = createProgressView({ isTTY, columns, write: (part: string) => (text += part) }, () => now);
  for (const event of events) {
    view.report(event);
    now += 1500;
  }
  view.close();
  return text;
}

describe('progress', () => {
  it('is plain lines where there is no terminal, without repetitions', () => {
    assert.equal(
      show(false),
      'mlflow     installing\nredis      port 6379 (0.0 s)\nmlflow     port 5000 (4.5 s)\n',
    );
  });

  it('is one line per part on a terminal, each drawn over the last', () => {
    const last = show(true).split('\u001b[2A').at(-1) ?? '';
    assert.equal(
      stripVTControlCharacters(last),
      '✓ mlflow     port 5000 (4.5 s)\n✓ redis      port 6379 (0.0 s)\n',
    );
  });

  it('keeps to the terminal’s width, or lines would wrap and not be drawn over', () => {
    const rows = stripVTControlCharacters(show(true, 20)).split('\n');
    assert.ok(rows.every((row) => row.length < 20));
  });
});
