/** Rules for texts that people write. */
import { redactKeys } from '@hokusai/key-format';
import type { JsonObject, JsonValue } from './key.ts';
import type { Violations } from './violations.ts';

export const NAME_LIMIT = 200;
export const REASON_LIMIT = 500;
/** As JSON in UTF-8. */
const METADATA_LIMIT_BYTES = 4096;
const METADATA_DEPTH_LIMIT = 8;

const CONTROL = /\p{Cc}/u;
/** Postgres stores no NUL in texts. */
const NUL = '\0';

export interface TextRule {
  path: string;
  /** In Unicode code points. */
  limit: number;
  required: boolean;
}

/** Checks one line of text; answers it without the spaces around it. */
export function checkLine(text: string, { path, limit, required }: TextRule, violations: Violations): string {
  const line = text.trim();
  if (required && line === '') violations.add(path, `expected a text of 1 to ${limit} characters`);
  if (lengthOf(line, limit) > limit) violations.add(path, `is longer than ${limit} characters`);
  else if (CONTROL.test(line)) violations.add(path, 'contains line breaks or control characters');
  else if (!isStorable(line)) violations.add(path, 'is not well-formed Unicode');
  else if (holdsKey(line)) violations.add(path, 'contains an API key: keys are kept out of names and notes');
  return line;
}

/** Checks the object that an owner keeps with a key. */
export function checkMetadata(metadata: JsonObject, violations: Violations): void {
  if (depthOf(metadata) > METADATA_DEPTH_LIMIT) {
    violations.add('metadata', `is nested deeper than ${METADATA_DEPTH_LIMIT} levels`);
    return;
  }
  const json = JSON.stringify(metadata);
  if (Buffer.byteLength(json) > METADATA_LIMIT_BYTES) {
    violations.add('metadata', `is larger than ${METADATA_LIMIT_BYTES} bytes as JSON`);
  } else if (!textsOf(metadata).every(isStorable)) {
    violations.add('metadata', 'contains NUL characters or text that is not well-formed Unicode');
  } else if (holdsKey(json)) {
    violations.add('metadata', 'contains an API key: keys are kept out of names and notes');
  }
}

/** Code points; a text of megabytes is not counted to its end. */
function lengthOf(text: string, limit: number): number {
  return text.length > 2 * limit ? text.length : [...text].length;
}

/** True for what Postgres can keep as text. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes(NUL);
}

function holdsKey(text: string): boolean {
  return redactKeys(text) !== text;
}

function depthOf(value: JsonValue): number {
  if (value === null || typeof value !== 'object') return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** All property names and strings. */
function textsOf(value: JsonValue): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  const names = Array.isArray(value) ? [] : Object.keys(value);
  return [...names, ...Object.values(value).flatMap(textsOf)];
}
