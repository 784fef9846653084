/** The oracle: may this request, as it stands before the upstream, be there at all? */
import assert from 'node:assert/strict';
import { heldScopes } from '../../../src/domain/decision.ts';
import type { KeyState } from '../../../src/domain/key-state.ts';
import { canonicalPath, mlflowPolicy } from '../../../src/domain/routes/index.ts';
import { type StrictHead, valuesOf } from './strict-reader.ts';

const policy = mlflowPolicy({ assistant: false, presignedUrls: true });

/** What the gateway says itself, each once; folded as WSGI servers fold names. */
const OWN = [
  'host',
  'x-request-id',
  'traceparent',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-prefix',
  'x-hokusai-user',
  'x-hokusai-key-id',
];
const MAY_BE_ABSENT = new Set(['x-forwarded-host', 'x-hokusai-user', 'x-hokusai-key-id']);
/** What may not stand there at all, by whatever of its spellings. */
const FORBIDDEN =
  /^(authorization|proxy-.*|x-api-key|forwarded|x-forwarded-.*|x-hokusai-.*|x-real-ip|te|trailer|upgrade|keep-alive|http2-settings|expect|origin|x-(http-)?method(-override)?|x-(original|rewrite)-(url|uri|method)|script-name|path-info)$/;

/**
 * Throws unless the request is one that the key it names may make (or nobody needs one for), in its one
 * canonical form, with everything that identifies it stated once and by the gateway.
 */
export function assertAuthorised(
  { method, target, headers, raw }: StrictHead,
  states: ReadonlyMap<string, KeyState>,
  upstreamHost: string,
): void {
  const because = `which reached the upstream: ${raw}`;
  assertOwnNames(headers, because);
  assert.deepEqual(valuesOf(headers, 'host'), [upstreamHost], because);
  const path = target.split('?')[0] ?? '';
  const canonical = canonicalPath(path);
  assert.ok(canonical.problem === undefined, because);
  assert.equal(canonical.path, path, because);
  const route = policy.scopeFor(method, canonical);
  const [keyId] = valuesOf(headers, 'x-hokusai-key-id');
  const [userId] = valuesOf(headers, 'x-hokusai-user');
  if (route.kind === 'public') {
    assert.deepEqual([keyId, userId], [undefined, undefined], because);
    return;
  }
  assert.ok(route.kind === 'scope', because);
  const state = states.get(keyId ?? '');
  assert.ok(state?.isActive, because);
  assert.equal(userId, state.owner.userId, because);
  assert.ok(heldScopes(state).includes(route.scope), because);
}

function assertOwnNames(headers: readonly string[], because: string): void {
  const folded = headers
    .filter((_, index) => index % 2 === 0)
    .map((name) => name.toLowerCase().replaceAll('_', '-'));
  for (const name of OWN) {
    const times = folded.filter((other) => other === name).length;
    assert.ok(times === 1 || (times === 0 && MAY_BE_ABSENT.has(name)), `${name} ${times} times, ${because}`);
  }
  const forbidden = folded.filter((name) => !OWN.includes(name) && FORBIDDEN.test(name));
  assert.deepEqual(forbidden, [], because);
  for (const value of valuesOf(headers, 'connection')) assert.match(value, /^(keep-alive|close)$/, because);
}
