/** A diagnosis for people: a line or more for each check. */
import type { Check, CheckStatus, DiagnosisReport } from '@hokusai/ml-platform';
import { printable } from '../../output/printable.ts';
import type { Emphasis, Sheet } from '../../output/style.ts';
import { wrap } from '../../output/width.ts';

const EMPHASIS: Readonly<Partial<Record<CheckStatus, Emphasis>>> = {
  ok: 'green',
  warning: 'yellow',
  failed: 'red',
};
const NAME_WIDTH = 'configuration'.length;
const STATUS_WIDTH = 'skipped'.length;
const GAP = 2;
/** Where less room is left for texts, they go on the lines below. */
const LEAST_TEXT_WIDTH = 40;

export function reportView({ checks }: DiagnosisReport, sheet: Sheet): string {
  return `${checks.flatMap((check) => checkLines(check, sheet)).join('\n')}\n`;
}

function checkLines({ name, status, saw, advice }: Check, { style, width }: Sheet): string[] {
  const head = `${style(name, 'bold')}${blanks(NAME_WIDTH - name.length + GAP)}${style(status, EMPHASIS[status])}`;
  const column = NAME_WIDTH + GAP + STATUS_WIDTH + GAP;
  const isNarrow = width - column < LEAST_TEXT_WIDTH;
  const indent = isNarrow ? GAP : column;
  const texts = [
    ...wrap(printable(saw), width - indent),
    ...advice.flatMap((line) => adviceLines(line, width - indent)),
  ];
  if (isNarrow) return [head, ...texts.map((text) => blanks(indent) + text)];
  return texts.map((text, index) =>
    index === 0 ? head + blanks(STATUS_WIDTH - status.length + GAP) + text : blanks(indent) + text,
  );
}

const BULLET = '- ';

function adviceLines(line: string, width: number): string[] {
  const lines = wrap(printable(line), width - BULLET.length);
  return lines.map((text, index) => (index === 0 ? BULLET : blanks(BULLET.length)) + text);
}

function blanks(count: number): string {
  return ' '.repeat(Math.max(0, count));
}
