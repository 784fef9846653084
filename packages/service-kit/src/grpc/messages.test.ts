import assert from 'node:assert/strict';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { HokusaiError, services, toStruct } from '@hokusai/contracts';
import fc from 'fast-check';
import { readStrictly } from './messages.ts';

const { CreateKey, ListKeys } = services.keyManagement;
const strict = readStrictly(services.keyManagement as unknown as ServiceDefinition);
const read = (bytes: Buffer): unknown => strict['CreateKey']?.requestDeserialize(bytes);
const REQUEST = {
  name: 'Grüße 漢 🐳 \ufffd',
  scopes: { scopes: ['mlflow:read', 'mlflow:write'] },
  expiresAt: { seconds: '1795325759', nanos: 999_999_999 },
  metadata: toStruct({ team: ['vision', null, 1.5], constructor: 'x' }),
};
const written = (request: object) => CreateKey.requestSerialize(request);

function problemOf(bytes: Buffer): HokusaiError {
  const error = read(bytes);
  assert.ok(error instanceof HokusaiError);
  assert.deepEqual([error.code, error.reason], ['invalid_request', 'malformed_message']);
  return error;
}

/** The message with other bytes where it has these. */
function replaced(bytes: Buffer, old: string, by: readonly number[]): Buffer {
  const at = bytes.indexOf(old);
  assert.ok(at > 0 && old.length === by.length);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(by), bytes.subarray(at + by.length)]);
}

describe('requests that are read strictly', () => {
  it('are what they are otherwise, if nothing is wrong', () => {
    assert.deepEqual(read(written(REQUEST)), CreateKey.requestDeserialize(written(REQUEST)));
    assert.deepEqual(read(Buffer.alloc(0)), CreateKey.requestDeserialize(Buffer.alloc(0)));
  });

  it('may hold any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, address) => {
        const request = read(written({ name, allowedIps: [address] })) as {
          name: string;
          allowedIps: string[];
        };
        assert.deepEqual([request.name, request.allowedIps], [name, [address]]);
      }),
    );
  });

  for (const [what, bytes] of Object.entries({
    'a lone byte': [0xff, 0x41],
    'a sequence that is cut off': [0x41, 0xe2],
    'an overlong form': [0xc0, 0x80],
    'a surrogate': [0xed, 0xa0, 0x80],
    'more than Unicode has': [0xf5, 0x80, 0x80, 0x80],
  })) {
    it(`may not hold ${what}, wherever it stands`, () => {
      const old = 'xyzw'.slice(0, bytes.length);
      const request = {
        name: old,
        allowedIps: ['a', old],
        metadata: toStruct({ [`${old}!`]: 1, team: old }),
      };
      let message = written(request);
      while (message.includes(old)) message = replaced(message, old, bytes);
      assert.deepEqual(problemOf(message).violations, [
        { path: 'allowed_ips[1]', message: 'is not valid UTF-8' },
        { path: 'name', message: 'is not valid UTF-8' },
        { path: 'metadata.fields', message: 'has a name that is not valid UTF-8' },
        { path: 'metadata.fields.team.string_value', message: 'is not valid UTF-8' },
      ]);
    });
  }

  it('have nanoseconds within a second', () => {
    for (const nanos of [-1, 1_000_000_000, 2_000_000_000, -(2 ** 31)]) {
      assert.deepEqual(problemOf(written({ expiresAt: { seconds: '1', nanos } })).violations, [
        { path: 'expires_at.nanos', message: 'must be from 0 to 999999999' },
      ]);
    }
  });

  it('are whole: cut anywhere, they are refused, unless a field ends there', () => {
    const whole = written(REQUEST);
    const lengths = [...whole.keys()].filter(
      (length) => !(read(whole.subarray(0, length)) instanceof HokusaiError),
    );
    // They are written in the order of their numbers.
    const { name, scopes, expiresAt } = REQUEST;
    const heads = [{}, { name }, { name, scopes }, { name, scopes, expiresAt }];
    assert.deepEqual(
      lengths,
      heads.map((head) => written(head).length),
    );
    // No tag, a text without and with too little in it, a number without an end, a field in the middle of a message.
    for (const hex of ['ffffff', '12', '1205', '12054142', '38', '388080', '38808080', '3204088080'])
      problemOf(Buffer.from(hex, 'hex'));
  });

  it('are told apart by their method', () => {
    assert.match(
      problemOf(Buffer.from('ffffff', 'hex')).message,
      /^The bytes are no request of hokusai\.keys\.v1\.KeyManagementService\/CreateKey: /,
    );
    assert.equal(strict['ListKeys']?.path, ListKeys.path);
  });
});
