/** Finds the API key in a request, wherever it may stand, and cuts it out of the query. */
import { parseKey } from '@hokusai/key-format';
import { isNamed } from './header-names.ts';
import { cutParameter } from './query-parameter.ts';
import type { Refusal } from './refusals.ts';

export interface CredentialRequest {
  /** Names and values in turn, as Node's `rawHeaders`: with duplicates, in any case. */
  rawHeaders: readonly string[];
  /** Undecoded, without the `?`; empty if there is none. */
  rawQuery: string;
}

/** Whether keys are taken as Basic's password and as `api_key` in the query. The management API takes neither. */
export interface AcceptedPlaces {
  basic: boolean;
  query: boolean;
}

export type CredentialPlace = 'bearer' | 'authorization' | 'basic' | 'x-api-key' | 'query';

export type Credential = {
  /**
   * The query that may be forwarded: without our `api_key`, every other byte as it came. Where keys in
   * the query are not taken, an `api_key` that holds none is the upstream's own and stays.
   */
  query: string;
  /** A key stood in the query: what answers this request must not be stored or leak its address. */
  inQuery: boolean;
} & (FoundKey | { kind: 'refused'; refusal: Refusal });

interface FoundKey {
  kind: 'key';
  /** Well-formed. */
  key: string;
  /** Its public part. */
  keyPrefix: string;
  place: CredentialPlace;
}

/** What stands in one place: a text that should be a key, or why none can be read from it. */
interface Attempt {
  place: CredentialPlace;
  text: string;
  problem?: string;
}

const QUERY_NAME = 'api_key';
const KEY_MARKER = /^hk_(live|test)_/;
const SHAPE = 'A key is hk_live_ or hk_test_ followed by 50 letters and digits.';
const HOW = 'Set MLFLOW_TRACKING_TOKEN to your key, or send it as "Authorization: Bearer <key>".';

const NAMES: Record<CredentialPlace, string> = {
  bearer: 'The Authorization header',
  authorization: 'The Authorization header',
  basic: 'The password in the Authorization header',
  'x-api-key': 'The X-API-Key header',
  query: 'The query parameter api_key',
};

/**
 * The one key of a request. It may stand in several places, but there must not be two different ones,
 * nor anything else where a key is expected. Never throws; no message repeats what was sent.
 */
export function findCredential(request: CredentialRequest, accepts: AcceptedPlaces): Credential {
  const isOurs = (value: string) => accepts.query || KEY_MARKER.test(value);
  const { rest: query, values } = cutParameter(request.rawQuery, QUERY_NAME, isOurs);
  const attempts = headerAttempts(request.rawHeaders);
  for (const text of values) attempts.push({ place: 'query', text });
  return { query, inQuery: values.length > 0, ...judge(attempts, accepts) };
}

function judge(
  attempts: readonly Attempt[],
  accepts: AcceptedPlaces,
): FoundKey | { kind: 'refused'; refusal: Refusal } {
  const isTaken = ({ place }: Attempt) =>
    (place !== 'basic' || accepts.basic) && (place !== 'query' || accepts.query);
  let found: FoundKey | undefined;
  let isSame = true;
  for (const attempt of attempts) {
    if (!isTaken(attempt)) continue;
    const result = read(attempt);
    if (result.kind === 'refused') return result;
    found ??= result;
    isSame &&= result.key === found.key;
  }
  if (!found) return refused(attempts.length > 0 ? notTaken(attempts) : missing());
  return isSame ? found : refused(several(attempts.filter(isTaken)));
}

function read({ place, text, problem }: Attempt): FoundKey | { kind: 'refused'; refusal: Refusal } {
  if (problem !== undefined) return refused(malformed(place, problem));
  const parsed = parseKey(text);
  if (parsed.problem !== undefined) return refused(malformed(place, parsed.message));
  return { kind: 'key', key: text, keyPrefix: parsed.prefix, place };
}

function headerAttempts(rawHeaders: readonly string[]): Attempt[] {
  const attempts: Attempt[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    const value = rawHeaders[index + 1] ?? '';
    if (isNamed(name, 'authorization')) attempts.push(authorizationAttempt(value.trim()));
    else if (isNamed(name, 'x-api-key')) attempts.push({ place: 'x-api-key', text: value.trim() });
  }
  return attempts;
}

/** RFC 9110, section 11.4: scheme, then spaces, then the credentials; or, our own, a bare key. */
function authorizationAttempt(value: string): Attempt {
  const space = value.search(/\s/);
  const scheme = space < 0 ? value : value.slice(0, space);
  const text = space < 0 ? '' : value.slice(space).trimStart();
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return { place: 'bearer', text };
    case 'basic':
      return basicAttempt(text);
    default:
      if (text === '' || KEY_MARKER.test(value)) return { place: 'authorization', text: value };
      return { place: 'authorization', text: '', problem: 'its scheme is neither Bearer nor Basic' };
  }
}

/** RFC 7617: base64 of `user:password`. The user may be any, also none; the key has no colon. */
function basicAttempt(encoded: string): Attempt {
  const decoded = Buffer.from(encoded, 'base64').toString('latin1');
  const colon = decoded.indexOf(':');
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(encoded) || colon < 0) {
    return { place: 'basic', text: '', problem: 'Basic credentials are the base64 of user:key' };
  }
  return { place: 'basic', text: decoded.slice(colon + 1) };
}

function refused(refusal: Refusal): { kind: 'refused'; refusal: Refusal } {
  return { kind: 'refused', refusal };
}

function missing(): Refusal {
  return { reason: 'key_missing', message: `The request has no API key. ${HOW}` };
}

function malformed(place: CredentialPlace, problem: string): Refusal {
  const sentence = `${NAMES[place]} holds no API key: ${problem}`;
  return { reason: 'key_malformed', message: `${sentence.replace(/[^?]$/, '$&.')} ${SHAPE}` };
}

function several(attempts: readonly Attempt[]): Refusal {
  const places = [...new Set(attempts.map(({ place }) => NAMES[place].replace(/^The/, 'the')))].join(', ');
  return { reason: 'several_keys', message: `The request has different API keys (${places}): send one.` };
}

function notTaken(attempts: readonly Attempt[]): Refusal {
  const where = attempts.some(({ place }) => place === 'basic') ? 'as a Basic password' : 'in the query';
  return {
    reason: 'key_malformed',
    message: `An API key is not taken ${where} here: send it as "Authorization: Bearer <key>" or "X-API-Key: <key>".`,
  };
}
