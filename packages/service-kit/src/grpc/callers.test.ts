import assert from 'node:assert/strict';
import { services } from '@hokusai/contracts';
import { callersSchema } from './callers.ts';

const SECRET = 'S3cret'.repeat(8);
const METHOD = 'hokusai.keys.v1.KeyValidationService/ValidateKey';
const schema = callersSchema([services.keyValidation, services.keyManagement]);
const entry = (parts: object = {}) => ({ name: 'gateway', token: SECRET, methods: [METHOD], ...parts });

describe('the list of callers', () => {
  it('grants one method, or all methods of a service', () => {
    const [one, all] = schema.parse(
      JSON.stringify([
        entry(),
        entry({ token: 'x'.repeat(43), methods: ['hokusai.keys.v1.KeyValidationService/*'] }),
      ]),
    );
    assert.deepEqual([...(one?.paths ?? [])], [`/${METHOD}`]);
    assert.equal(all?.paths.size, Object.keys(services.keyValidation).length);
  });

  const wrong: [expected: RegExp, text: unknown][] = [
    [/^expected a JSON array$/, `[{"token": "${SECRET}"`],
    [/^expected a JSON array$/, { token: SECRET }],
    [/^expected a caller$/, []],
    [/^\[0\]: expected an object with name, methods/, [SECRET]],
    [/^\[0\]: expected an object with name, methods/, [entry({ password: SECRET })]],
    [/^\[0\]\.name: expected a name$/, [entry({ name: undefined })]],
    [/^\[0\]\.name: expected up to 64/, [entry({ name: 'a\nb' })]],
    [/^\[0\]\.token: expected at least 32 random bytes/, [entry({ token: SECRET.slice(0, 42) })]],
    [/^\[0\]\.token_sha256: expected the 64/, [entry({ token: undefined, token_sha256: SECRET })]],
    [/^\[0\]: expected just one of token/, [entry({ certificate: 'gateway' })]],
    [/^\[0\]: expected just one of token/, [entry({ token: undefined })]],
    [/^\[0\]\.methods: expected at least one/, [entry({ methods: [] })]],
    [/^\[0\]\.methods: expected a list/, [entry({ methods: METHOD })]],
    [/^\[0\]\.methods\[1\]: there is no such method/, [entry({ methods: [METHOD, `${METHOD}s`] })]],
    [/^\[0\]\.methods\[0\]: there is no such method/, [entry({ methods: ['*'] })]],
    [
      /^\[0\]\.methods\[0\]: there is no such method/,
      [entry({ methods: ['hokusai.audit.v1.AuditService/*'] })],
    ],
    [/^\[1\]: has the same credential/, [entry(), entry({ name: 'other' })]],
  ];
  for (const [expected, value] of wrong) {
    it(`is refused with ${expected}`, () => {
      const parsed = schema.safeParse(typeof value === 'string' ? value : JSON.stringify(value));
      assert.ok(!parsed.success);
      const [message = ''] = parsed.error.issues.map((issue) => issue.message);
      assert.match(message, expected);
      assert.ok(!message.includes('S3cret'));
    });
  }
});
