/** Values of the services' messages as JSON, and the other way round. */
import { fromTimestamp, HokusaiError, toTimestamp } from '@hokusai/contracts';

type Timestamp = ReturnType<typeof toTimestamp>;

export function instantOf(timestamp: Timestamp): string | null {
  return fromTimestamp(timestamp)?.toISOString() ?? null;
}

/** Of a message that can't do without it. */
export function knownInstantOf(timestamp: Timestamp): string {
  return present(instantOf(timestamp), 'a time');
}

export function timestampOf(text: string | null | undefined): Timestamp {
  return text == null ? null : toTimestamp(new Date(text));
}

/** Far more characters than a cursor has. */
const MAX_CURSOR = 1000;

/** Empty, which is the first page, if a query has none. Throws `invalid_request` for what is no cursor by far. */
export function cursorOf({ cursor }: { cursor?: string | undefined }): string {
  if (cursor === undefined) return '';
  if (cursor !== '' && cursor.length <= MAX_CURSOR) return cursor;
  const message = 'The cursor is not one that a list has answered: start again without it.';
  throw new HokusaiError('invalid_request', message, { reason: 'invalid_cursor' });
}

/** null (proto's default) is for absent messages, and no answer lacks its subject. */
export function present<Value>(value: Value | null, what: string): Value {
  if (value === null) throw new Error(`a service answered without ${what}`);
  return value;
}
