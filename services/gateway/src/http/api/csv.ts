/** Tables as comma-separated values (RFC 4180), safe to be opened by spreadsheets. */

export interface CsvColumn<Row> {
  name: string;
  /** null is an empty field. */
  value: (row: Row) => string | number | null;
}

/** One header line and a line for each row, each ended by CR LF. */
export function csvOf<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  const lines = rows.map((row) => columns.map(({ value }) => fieldOf(value(row))));
  return [columns.map(({ name }) => name), ...lines].map((fields) => `${fields.join(',')}\r\n`).join('');
}

/**
 * What spreadsheets take for a formula, in its full-width forms too; in a key's name it could send data away.
 * See OWASP, CSV injection.
 */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

function fieldOf(value: string | number | null): string {
  if (typeof value !== 'string') return value === null ? '' : String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) || text !== value ? `"${text.replaceAll('"', '""')}"` : text;
}
