/** Tables for people: columns side by side if they fit the terminal, else record by record. */
import { detailLines } from './details.ts';
import { printable } from './printable.ts';
import type { Emphasis, Sheet } from './style.ts';
import { truncate, widthOf } from './width.ts';

export interface Column<Row> {
  /** Empty for what only makes sense beside others. */
  title: string;
  /** Shown printable, on one line. */
  cell: (row: Row) => string;
  emphasis?: (row: Row) => Emphasis | undefined;
  /** Set flush right. */
  isNumber?: boolean;
  /** To how many terminal cells it may be cut. Absent: never. */
  minWidth?: number;
  /** Where room is short, the column with the highest number is left out first. Absent: never. */
  dispensable?: number;
}

const GAP = '  ';

export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  { style, width }: Sheet,
): string {
  const shown = fitting(columns.map(measure(rows)), width);
  const least = sum(shown.map(({ least }) => least)) + gaps(shown);
  if (least > width) return records(rows, columns, { style, width });
  const widths = shrunk(shown, width - gaps(shown));
  const line = (cells: readonly string[], emphasise: (index: number) => Emphasis | undefined) =>
    cells
      .map((cell, index) => {
        const isRight = shown[index]?.column.isNumber ?? false;
        return padded(cell, widths[index] ?? 0, isRight, (text) => style(text, emphasise(index)));
      })
      .join(GAP)
      .trimEnd();
  const titles = shown.map(({ column }) => column.title.toUpperCase());
  const lines = rows.map((row, number) =>
    line(
      shown.map(({ cells }) => cells[number] ?? ''),
      (index) => shown[index]?.column.emphasis?.(row),
    ),
  );
  return `${[line(titles, () => 'bold'), ...lines].join('\n')}\n`;
}

interface Measured<Row> {
  column: Column<Row>;
  cells: readonly string[];
  /** In cells of the terminal. */
  natural: number;
  least: number;
}

function measure<Row>(rows: readonly Row[]) {
  return (column: Column<Row>): Measured<Row> => {
    const cells = rows.map((row) => printable(column.cell(row)));
    const natural = cells.reduce((most, cell) => Math.max(most, widthOf(cell)), column.title.length);
    return { column, cells, natural, least: Math.min(natural, column.minWidth ?? natural) };
  };
}

/** The columns without those that have to give way. */
function fitting<Row>(columns: readonly Measured<Row>[], width: number): readonly Measured<Row>[] {
  const least = sum(columns.map((column) => column.least)) + gaps(columns);
  const rank = Math.max(...columns.map(({ column }) => column.dispensable ?? 0));
  if (least <= width || rank <= 0) return columns;
  return fitting(
    columns.filter(({ column }) => column.dispensable !== rank),
    width,
  );
}

/** Widths that add up to at most `room`: the widest column that may be cut is cut first. */
function shrunk<Row>(columns: readonly Measured<Row>[], room: number): number[] {
  const widths = columns.map(({ natural }) => natural);
  for (let over = sum(widths) - room; over > 0 && Number.isFinite(over); over -= 1) {
    const spare = widths.map((width, index) => (width > (columns[index]?.least ?? 0) ? width : 0));
    const widest = spare.indexOf(Math.max(...spare));
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

function padded(cell: string, width: number, isRight: boolean, style: (text: string) => string): string {
  const text = truncate(cell, width);
  const gap = ' '.repeat(Math.max(0, width - widthOf(text)));
  return isRight ? gap + style(text) : style(text) + gap;
}

function records<Row>(rows: readonly Row[], columns: readonly Column<Row>[], paper: Sheet): string {
  const record = (row: Row) =>
    detailLines(
      columns
        .filter(({ title }) => title !== '')
        .map(({ title, cell }) => [title.charAt(0).toUpperCase() + title.slice(1), cell(row)]),
      paper,
    );
  return rows.map(record).join('\n');
}

function gaps(columns: readonly unknown[]): number {
  return GAP.length * Math.max(0, columns.length - 1);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
