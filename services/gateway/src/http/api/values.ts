/** Values of the keys service's messages as JSON, and the other way round. */
import { fromTimestamp, toTimestamp } from '@hokusai/contracts';

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

/** null (proto's default) is for absent messages, and no answer lacks its subject. */
export function present<Value>(value: Value | null, what: string): Value {
  if (value === null) throw new Error(`the keys service answered without ${what}`);
  return value;
}
