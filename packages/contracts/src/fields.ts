/** Limits and rules of what people write into keys and users: the same at every door. */
import { redactKeys } from '@hokusai/key-format';

/** In Unicode code points, of what a key or a user is called. */
export const NAME_LIMIT = 200;
export const REASON_LIMIT = 500;
export const EXTERNAL_ID_LIMIT = 256;
export const EMAIL_LIMIT = 320;
/** Of a limit in requests or seconds: as good as none. */
export const LIMIT_MAX = 2_147_483_647;
/** Of what an owner keeps with a key, as JSON in UTF-8. */
export const METADATA_LIMIT_BYTES = 4096;
export const METADATA_DEPTH_LIMIT = 8;
/** Of a list: entries of one page. */
export const MAX_PAGE_SIZE = 200;
export const DEFAULT_PAGE_SIZE = 50;
/** For how long a replaced secret may go on working. */
export const GRACE_LIMIT_SECONDS = 30 * 86_400;
/** Of an Idempotency-Key. */
export const IDEMPOTENCY_KEY_LIMIT = 255;

/**
 * Besides what controls, and separates lines, whatever reorders the text around it (UAX #9, explicit embeddings,
 * overrides and isolates): a name has to read as what it is. Marks, and joiners, which scripts need, may stay.
 */
const CONTROL = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;
/** Postgres stores no NUL in texts. */
const NUL = '\0';

export interface LineRule {
  /** In Unicode code points, spaces around the text included. */
  limit: number;
  /** Something other than spaces has to be there. */
  required: boolean;
}

/** What is wrong with one line of text; undefined if nothing is. */
export function lineProblem(text: string, { limit, required }: LineRule): string | undefined {
  if (required && text.trim() === '') return `expected a text of 1 to ${limit} characters`;
  if (isLonger(text, limit)) return `is longer than ${limit} characters`;
  if (CONTROL.test(text)) return 'contains line breaks or control characters';
  if (!isStorable(text)) return 'is not well-formed Unicode';
  return holdsKey(text) ? HOLDS_KEY : undefined;
}

/** Whether it is somebody's address only a letter to it could tell. */
const EMAIL = /^[^\s@]+@[^\s@]+$/;

/** What is wrong with an email address; undefined if nothing is. */
export function emailProblem(text: string): string | undefined {
  const problem = lineProblem(text, { limit: EMAIL_LIMIT, required: false });
  return problem ?? (EMAIL.test(text.trim()) ? undefined : 'expected an address such as ada@example.org');
}

/** What is wrong with the object that an owner keeps with a key; undefined if nothing is. */
export function metadataProblem(metadata: object): string | undefined {
  if (depthOf(metadata) > METADATA_DEPTH_LIMIT) return `is nested deeper than ${METADATA_DEPTH_LIMIT} levels`;
  const json = JSON.stringify(metadata);
  if (new TextEncoder().encode(json).length > METADATA_LIMIT_BYTES)
    return `is larger than ${METADATA_LIMIT_BYTES} bytes as JSON`;
  const leaves = leavesOf(metadata);
  // JSON has no infinity: 1e999 would come back as null.
  if (leaves.some((leaf) => typeof leaf === 'number' && !Number.isFinite(leaf)))
    return 'contains a number that is too large';
  if (!leaves.every((leaf) => typeof leaf !== 'string' || isStorable(leaf)))
    return 'contains NUL characters or text that is not well-formed Unicode';
  return holdsKey(json) ? HOLDS_KEY : undefined;
}

/** Years 1 to 9999, the range of a protobuf Timestamp and of RFC 3339. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00.000Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

/** What is wrong with a time; undefined if nothing is. */
export function timeProblem(time: Date): string | undefined {
  const isRepresentable = time.getTime() >= FIRST_MS && time.getTime() <= LAST_MS;
  return isRepresentable ? undefined : 'is not a time in the years 1 to 9999';
}

/** What is wrong with the end that a key is to get at `now`; undefined if nothing is. */
export function endProblem(end: Date, now: Date): string | undefined {
  return timeProblem(end) ?? (end <= now ? 'lies in the past' : undefined);
}

/** True if the text has more code points; a text of megabytes is not counted to its end. */
export function isLonger(text: string, limit: number): boolean {
  return text.length > 2 * limit || [...text].length > limit;
}

/** True for what Postgres can keep as text. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes(NUL);
}

const HOLDS_KEY = 'contains an API key: keys are kept out of names and notes';

function holdsKey(text: string): boolean {
  return redactKeys(text) !== text;
}

function depthOf(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** All property names and values that hold no others. */
function leavesOf(value: unknown): unknown[] {
  if (value === null || typeof value !== 'object') return [value];
  const names = Array.isArray(value) ? [] : Object.keys(value);
  return [...names, ...Object.values(value).flatMap(leavesOf)];
}
