import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts';
import { challengeOf } from './challenge.ts';

const program = { isBrowser: false, takesBasic: true, scope: undefined };
const missing = new HokusaiError('unauthenticated', 'No key.', { reason: 'key_missing' });
const unknown = new HokusaiError('unauthenticated', 'A "quoted" \\ café', { reason: 'unknown_key' });

describe('challengeOf', () => {
  it('names no error where nothing was tried', () => {
    assert.equal(challengeOf(missing, program), 'Bearer realm="Hokusai"');
  });

  it('says what is wrong in characters that may be quoted', () => {
    assert.equal(
      challengeOf(unknown, program),
      `Bearer realm="Hokusai", error="invalid_token", error_description="A 'quoted' ' caf'"`,
    );
  });

  it('asks browsers for a password, where passwords are taken', () => {
    const page = { ...program, isBrowser: true };
    assert.equal(challengeOf(missing, page), 'Basic realm="Hokusai", charset="UTF-8"');
    assert.match(challengeOf(missing, { ...page, takesBasic: false }) ?? '', /^Bearer/);
  });

  it('names the scope that is missing', () => {
    const error = new HokusaiError('permission_denied', 'x', { reason: 'scope_missing' });
    assert.equal(
      challengeOf(error, { ...program, scope: 'keys:read' }),
      'Bearer realm="Hokusai", error="insufficient_scope", scope="keys:read"',
    );
  });

  it('has nothing to say where other credentials would not help', () => {
    for (const code of ['permission_denied', 'unavailable', 'not_found'] as const)
      assert.equal(challengeOf(new HokusaiError(code, 'x'), program), undefined);
  });
});
