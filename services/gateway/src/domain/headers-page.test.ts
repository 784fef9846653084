import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DROPPED, upstreamHeaders } from './upstream-headers.ts';

const PAGE = join(import.meta.dirname, '../../../../docs/reference/api.md');
/** By their beginnings, as the page says. */
const FAMILIES = ['x-hokusai-*', 'x-forwarded-*', 'forwarded'];
const SAYS = {
  host: 'mlflow:5000',
  requestId: 'r1',
  traceparent: '00-0-0-01',
  keepsTraceState: false,
  forwarded: { for: '192.0.2.1', proto: 'https', host: 'gateway.example', prefix: '/mlflow' },
  identity: { userId: 'u1', keyId: 'k1' },
  authorization: 'Basic x',
} as const;

/** Names in the rows whose first cell begins so, in lower case; `-Proto` after `X-Forwarded-For` is spelled out. */
function namesIn(section: string, start: string): string[] {
  const rows = [...section.matchAll(/^\| (.+?) \| (.+) \|$/gm)].filter(([, first = '']) =>
    first.startsWith(start),
  );
  return rows.flatMap(([, , names = '']) =>
    [...names.matchAll(/`([\w*-]+)`/g)].map(([, name = '']) =>
      name.replace(/^-/, 'X-Forwarded-').toLowerCase(),
    ),
  );
}

describe('the page on headers to MLflow', () => {
  const [, section = ''] =
    /^### Headers to MLflow$([\s\S]*?)^Of MLflow's answers/m.exec(readFileSync(PAGE, 'utf8')) ?? [];
  const set = namesIn(section, 'set').filter((name) => name !== 'mlflow');

  it('names what is dropped, and nothing else', () => {
    const dropped = namesIn(section, 'dropped').filter(
      (name) => name !== 'referer' && !FAMILIES.includes(name),
    );
    const told = [...dropped, ...set.filter((name) => !name.startsWith('x-hokusai-'))];
    assert.deepEqual([...new Set(told)].sort(), [...DROPPED].sort());
  });

  it('names what is set', () => {
    const names = upstreamHeaders([], SAYS, false).filter((_, index) => index % 2 === 0);
    assert.deepEqual(set.sort(), names.map((name) => name.toLowerCase()).sort());
  });
});
