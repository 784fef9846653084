/** Reads the records of an export from its lines. */
import { type EventRecord, type ExportRecord, exportRecordSchema, type HeaderRecord } from './records.ts';

/** The lines are not an export of the audit log. */
export class ExportFormatError extends Error {
  override readonly name = 'ExportFormatError';
}

export class RecordReader {
  readonly #lines: AsyncIterator<string>;
  #lineNumber = 0;

  constructor(lines: AsyncIterable<string>) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  /** The first record. Throws ExportFormatError if it is no header. */
  async header(): Promise<HeaderRecord> {
    const record = await this.next();
    if (record?.type === 'header') return record;
    throw new ExportFormatError('This is not an export of the audit log: its first line is no header.');
  }

  /** undefined where the lines end, or break off within one. */
  async next(): Promise<ExportRecord | undefined> {
    const { done, value } = await this.#lines.next();
    if (done) return undefined;
    this.#lineNumber += 1;
    const json = jsonOf(value);
    if (json === undefined && (await this.#lines.next()).done) return undefined;
    if (isEventRecord(json)) return json;
    const parsed = exportRecordSchema.safeParse(json);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw this.#error(json === undefined ? 'is no JSON' : `${issue?.path.join('.')}: ${issue?.message}`);
  }

  /** Throws ExportFormatError if there is more. */
  async expectNothing(): Promise<void> {
    if (!(await this.#lines.next()).done) throw this.#error('is followed by more, though it is the end');
  }

  misplaced(type: string): never {
    throw this.#error(`has a ${type} where none may be`);
  }

  async close(): Promise<void> {
    await this.#lines.return?.();
  }

  #error(problem: string): ExportFormatError {
    return new ExportFormatError(`Line ${this.#lineNumber} of the export ${problem}.`);
  }
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const HASH_CHARS = 64;
const EVENT_MEMBERS = 6;
const PERSONAL_MEMBERS = 3;

/** Most lines: no more and no less than this. Whatever else the schema knows of, it has to judge. */
function isEventRecord(json: unknown): json is EventRecord {
  if (typeof json !== 'object' || json === null) return false;
  const { type, chain_seq, event_id, previous_hash, hash, body, personal } = json as Members;
  return (
    type === 'event' &&
    Object.keys(json).length === EVENT_MEMBERS + (personal === undefined ? 0 : 1) &&
    Number.isSafeInteger(chain_seq) &&
    (chain_seq as number) >= 1 &&
    isText(event_id) &&
    isText(body) &&
    isHash(previous_hash) &&
    isHash(hash) &&
    (personal === undefined || (Array.isArray(personal) && personal.every(isPersonalValue)))
  );
}

type Members = Record<string, unknown>;

function isPersonalValue(json: unknown): boolean {
  if (typeof json !== 'object' || json === null) return false;
  const { name, value, salt } = json as Members;
  return Object.keys(json).length === PERSONAL_MEMBERS && isText(name) && isText(value) && isHash(salt);
}

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isHash(value: unknown): boolean {
  return typeof value === 'string' && value.length === HASH_CHARS;
}
