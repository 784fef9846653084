/** The table of what leaves an audit event, as the documentation has it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = join(import.meta.dirname, '../../../docs/reference/events.md');
const HEADING = '### What leaves an audit event';

export type Outcome = 'success' | 'refused' | 'failed';

export interface AuditRow {
  /** Ids of the API's description, or what else the row is about. */
  operations: string[];
  /** `Service/Method`. */
  methods: string[];
  doors: string[];
  /** Actions by outcome, with the doors that leave them. */
  outcomes: Record<Outcome, { actions: string[]; doors: string[] }>;
}

export function readAuditTable(): AuditRow[] {
  const page = readFileSync(PAGE, 'utf8');
  const [, section = ''] = page.split(HEADING);
  const [table = ''] = /(?:^\|.*\n)+/m.exec(section) ?? [];
  const [, , ...lines] = table.trim().split('\n');
  return lines.map(rowOf);
}

function rowOf(line: string): AuditRow {
  const [operation = '', methods = '', doors = '', ...outcomes] = line
    .slice(1, -1)
    .split('|')
    .map((cell) => cell.trim());
  const all = doors.split(', ');
  const [success, refused, failed] = outcomes.map((cell) => outcomeOf(cell, all));
  if (!success || !refused || !failed) throw new Error(`not a row of the table: ${line}`);
  const names = codesIn(operation.replace(/\(of .*\)/, ''));
  const isByName = names.length > 0 && !operation.includes(' and ');
  return {
    operations: isByName ? names : [operation],
    methods: codesIn(methods),
    doors: all,
    outcomes: { success, refused, failed },
  };
}

function outcomeOf(cell: string, doors: string[]) {
  const only = /\((.*)\)$/.exec(cell)?.[1];
  return { actions: codesIn(cell), doors: only?.split(', ') ?? doors };
}

function codesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}
