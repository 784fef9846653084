import assert from 'node:assert/strict';
import { type UpstreamRow, upstreamRows } from '../../src/upstream-rows.ts';

/** Rows as the variable UPSTREAMS would give them. */
export function rowsOf(...rows: object[]): UpstreamRow[] {
  const { data, error } = upstreamRows().safeParse(JSON.stringify(rows));
  return data ?? assert.fail(String(error));
}
