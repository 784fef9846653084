/** What is shown of a row: what its body says, since only that was hashed; columns beside it can be changed unseen. */
import { type BodyContent, type ChainRow, columnsOf, type QueryColumns } from '@hokusai/audit-chain';

export interface ShownRow extends ChainRow {
  /** As the body has them. */
  columns: QueryColumns;
  /** Which of them say something else in the database; all of them where the body is not that of an event. */
  alteredColumns: string[];
}

export function shownOf(row: ChainRow): ShownRow {
  const columns = columnsIn(row.body);
  if (!columns) return { ...row, alteredColumns: Object.keys(row.columns) };
  const names = Object.keys(columns) as (keyof QueryColumns)[];
  return { ...row, columns, alteredColumns: names.filter((name) => columns[name] !== row.columns[name]) };
}

/** Queries choose a member's rows by the columns: one that was altered can be anybody's. */
export function isShownTo({ isAdmin }: { isAdmin: boolean }, { alteredColumns }: ShownRow): boolean {
  return isAdmin || alteredColumns.length === 0;
}

function columnsIn(body: string): QueryColumns | undefined {
  try {
    const columns = columnsOf(JSON.parse(body) as BodyContent);
    const times = [columns.occurred_at, columns.stored_at];
    return times.some((time) => Number.isNaN(Date.parse(time))) ? undefined : columns;
  } catch {
    return undefined;
  }
}
