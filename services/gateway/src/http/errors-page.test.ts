import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ERROR_REASONS, type ErrorReason } from '@hokusai/contracts/error-reasons';
import { type ErrorCode, HokusaiError } from '@hokusai/contracts/errors';
import { problemOf } from '../domain/problem.ts';

const PAGE = join(import.meta.dirname, '../../../../docs/reference/errors.md');
/** Of calls between services: gateways take them for an outage. */
const WITHIN = ['caller_unknown', 'method_not_granted', 'malformed_message'];
/** What stands in place of a reason where there is none. */
const WITHOUT_REASON = ['500 internal'];

interface Row {
  /** Status and reason, as `403 key_revoked`; of those between services just the reason. */
  name: string;
  cells: string[];
  /** All of the section's text. */
  section: string;
}

/** The rows of tables of reasons. */
function rowsOf(page: string): Row[] {
  return page.split(/^## /m).flatMap((section) => {
    const status = /^\d{3} /.exec(section)?.[0] ?? '';
    if (status === '' && !section.startsWith('Between the services')) return [];
    return [...section.matchAll(/^\| `(\w+)` \|(.*)\|$/gm)].map(([, reason = '', rest = '']) => ({
      name: status + reason,
      cells: rest.split(' | ').map((cell) => cell.trim()),
      section,
    }));
  });
}

function problemFor(code: ErrorCode, reason: ErrorReason) {
  return problemOf(new HokusaiError(code, 'x', { reason }), 'r');
}

describe('the page on errors', () => {
  const rows = rowsOf(readFileSync(PAGE, 'utf8'));
  const reasons = Object.entries(ERROR_REASONS) as [ErrorReason, readonly ErrorCode[]][];
  const expected = reasons.flatMap(([reason, codes]) =>
    codes.map((code) => {
      const { status, body } = problemFor(code, reason);
      const name = WITHIN.includes(reason) ? reason : `${status} ${reason}`;
      return { name, errorCode: body.error_code, title: body.title, isWithin: WITHIN.includes(reason) };
    }),
  );

  it('has a row for every status and reason, and no other', () => {
    const names = [...new Set(expected.map(({ name }) => name)), ...WITHOUT_REASON];
    assert.deepEqual(rows.map(({ name }) => name).sort(), names.sort());
  });

  it('says of each what it means', () => {
    for (const { name, cells } of rows) {
      assert.equal(cells.length, 2, name);
      assert.notEqual(cells[0], '', name);
    }
  });

  it('says the code that MLflow’s client gets, and the title', () => {
    for (const { name, errorCode, title, isWithin } of expected) {
      if (isWithin) continue;
      const { section = '' } = rows.find((row) => row.name === name) ?? {};
      assert.ok(section.includes(`\`${errorCode}\``), `${name}: ${errorCode}`);
      assert.equal(section.split('\n')[0]?.slice(4), title, name);
    }
  });
});
