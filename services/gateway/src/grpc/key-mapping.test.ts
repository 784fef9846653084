import assert from 'node:assert/strict';
import { HokusaiError, services, toTimestamp } from '@hokusai/contracts';
import type { GetKeyStateResponse__Output } from '@hokusai/contracts/gen/keys/v1/GetKeyStateResponse';
import type { ValidateKeyResponse__Output } from '@hokusai/contracts/gen/keys/v1/ValidateKeyResponse';
import { KEY_ID, keyState, PREFIX } from '../../test/support/keys.ts';
import { readMessage, stateMessage } from '../../test/support/keys-service/messages.ts';
import type { KeyState } from '../domain/key-state.ts';
import { toKeyState, toProved, toTick } from './key-mapping.ts';

const PROOF = { keyId: KEY_ID, keyPrefix: PREFIX, retiredAt: null, validUntil: null };
const FULL = keyState({
  version: 2n ** 63n,
  environment: 'test',
  acceptedSecrets: [
    { keyPrefix: PREFIX, validUntilMs: null },
    { keyPrefix: 'hk_test_retired00000', validUntilMs: 1_700_000_000_123 },
  ],
  isActive: false,
  revokedAtMs: 1_700_000_000_001,
  revokedReason: 'leaked',
  expiresAtMs: 1_800_000_000_002,
  allowedIps: ['10.0.0.0/8', '2001:db8::/32'],
  owner: { userId: 'u', displayName: '', role: 'admin', disabledAtMs: 5, rateLimitPerHour: 9 },
  read: { epoch: 'e9', cut: 2n ** 62n, readAtMs: 1_700_000_000_999 },
});

/** What a client reads of what a server sent: through the wire format and back. */
function overTheWire(message: object): GetKeyStateResponse__Output {
  const { responseSerialize, responseDeserialize } = services.keyValidation.GetKeyState;
  return responseDeserialize(responseSerialize(message));
}

function stateOverTheWire(state: KeyState): KeyState | undefined {
  return toKeyState(overTheWire({ state: stateMessage(state) }), state.keyId);
}

function proved(response: object): ReturnType<typeof toProved> {
  const { responseSerialize, responseDeserialize } = services.keyValidation.ValidateKey;
  return toProved(responseDeserialize(responseSerialize(response)) as ValidateKeyResponse__Output);
}

function assertMalformed(map: () => unknown, where: RegExp): void {
  assert.throws(map, (error) => {
    assert.ok(error instanceof HokusaiError);
    assert.equal(error.code, 'internal');
    assert.match(String(error.cause), where);
    return true;
  });
}

describe('toKeyState', () => {
  it('reads every field of a state', () => {
    assert.deepEqual(stateOverTheWire(FULL), FULL);
    assert.deepEqual(stateOverTheWire(keyState()), keyState());
  });

  it('is undefined for a key that is gone', () => {
    assert.equal(toKeyState(overTheWire({}), KEY_ID), undefined);
  });

  it('leaves out scopes that this gateway does not know', () => {
    const state = { ...stateMessage(keyState()), scopes: ['mlflow:read', 'future:scope'] };
    assert.deepEqual(toKeyState(overTheWire({ state }), KEY_ID)?.scopes, ['mlflow:read']);
  });

  const broken: [string, object, RegExp][] = [
    ['no id', { keyId: '' }, /keyId/],
    ['no environment', { environment: 'ENVIRONMENT_UNSPECIFIED' }, /environment/],
    ['no limits', { limits: null }, /limits/],
    [
      'a limit of 0',
      { limits: { rateLimitPerHour: 0, burstLimit: 1, burstWindowSeconds: 1 } },
      /rateLimitPerHour/,
    ],
    ['no owner', { owner: null }, /owner/],
    ['an owner without a role', { owner: { userId: 'u', role: 'ROLE_UNSPECIFIED' } }, /owner\.role/],
    ['no read point', { read: null }, /read/],
    ['no epoch', { read: readMessage({ epoch: '', cut: 1n, readAtMs: 0 }) }, /read\.epoch/],
    ['a time beyond all dates', { expiresAt: { seconds: '99999999999999', nanos: 0 } }, /expiresAt/],
    ['a secret without a prefix', { acceptedSecrets: [{ keyPrefix: '' }] }, /acceptedSecrets\.0\.keyPrefix/],
    ['an empty address', { allowedIps: [''] }, /allowedIps/],
  ];
  for (const [name, parts, where] of broken) {
    it(`is an internal error for ${name}`, () => {
      const state = { ...stateMessage(keyState()), ...parts };
      assertMalformed(() => toKeyState(overTheWire({ state }), KEY_ID), where);
    });
  }

  it("is an internal error for another key's state", () => {
    assertMalformed(() => toKeyState(overTheWire({ state: stateMessage(FULL) }), 'other'), /another key/);
  });
});

describe('toProved', () => {
  it('reads proof and state', () => {
    const expected = { proof: { keyId: KEY_ID, keyPrefix: PREFIX }, state: FULL };
    assert.deepEqual(proved({ proof: PROOF, state: stateMessage(FULL) }), expected);
  });

  it('reads when the proved secret was replaced', () => {
    const retiredAtMs = 1_700_000_000_123;
    const proof = { ...PROOF, retiredAt: toTimestamp(new Date(retiredAtMs)) };
    const found = proved({ proof, state: stateMessage(FULL) });
    assert.deepEqual(found?.proof, { keyId: KEY_ID, keyPrefix: PREFIX, retiredAtMs });
  });

  it('is undefined for an unknown key', () => {
    assert.equal(proved({ read: readMessage(FULL.read) }), undefined);
  });

  it('is an internal error for a proof without a state, or with that of another key', () => {
    assertMalformed(() => proved({ proof: PROOF }), /state/);
    const other = { ...PROOF, keyId: 'another' };
    assertMalformed(() => proved({ proof: other, state: stateMessage(FULL) }), /another key/);
  });
});

describe('toTick', () => {
  const read = { epoch: 'e1', cut: '18446744073709551615', readAt: { seconds: '1', nanos: 2_000_000 } };

  it('reads numbers of 64 bits', () => {
    const changes = [{ keyId: KEY_ID, version: '9' }];
    assert.deepEqual(toTick({ number: '3', echo: '2', read, changes }), {
      number: 3n,
      echo: 2n,
      read: { epoch: 'e1', cut: 2n ** 64n - 1n, readAtMs: 1002 },
      changes: [{ keyId: KEY_ID, version: 9n }],
    });
  });

  it('is an internal error without a read point', () => {
    assertMalformed(() => toTick({ number: '3', echo: '2', read: null, changes: [] }), /Follow: read/);
  });
});
