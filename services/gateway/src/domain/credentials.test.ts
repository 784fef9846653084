import assert from 'node:assert/strict';
import fc from 'fast-check';
import { someKey } from '../../test/support/keys.ts';
import { type AcceptedPlaces, type Credential, findCredential } from './credentials.ts';

const UPSTREAM: AcceptedPlaces = { basic: true, query: true };
const MANAGEMENT: AcceptedPlaces = { basic: false, query: false };
const KEY = someKey();
const OTHER = someKey();
const SECRET = KEY.slice(20);

function basic(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

function find(rawHeaders: readonly string[], rawQuery = '', accepts: AcceptedPlaces = UPSTREAM): Credential {
  return findCredential({ rawHeaders, rawQuery }, accepts);
}

function reasonOf(credential: Credential): string {
  return credential.kind === 'refused' ? credential.refusal.reason : credential.kind;
}

function messageOf(credential: Credential): string {
  return credential.kind === 'refused' ? credential.refusal.message : '';
}

describe('findCredential', () => {
  const places: [string, string, string[], string][] = [
    ['Bearer', 'bearer', ['Authorization', `Bearer ${KEY}`], ''],
    ['Bearer in any case and spacing', 'bearer', ['AUTHORIZATION', `bEARER   ${KEY}  `], ''],
    ['Authorization without a scheme', 'authorization', ['authorization', KEY], ''],
    ['password of Basic', 'basic', ['Authorization', basic('ada', KEY)], ''],
    ['password of Basic without a user', 'basic', ['Authorization', basic('', KEY)], ''],
    ['X-API-Key', 'x-api-key', ['x-Api-kEY', KEY], ''],
    ['query', 'query', [], `api_key=${KEY}`],
  ];
  for (const [name, place, headers, query] of places) {
    it(`finds the key as ${name}`, () => {
      const credential = find(headers, query);
      assert.equal(credential.kind, 'key', messageOf(credential));
      assert.equal(credential.key, KEY);
      assert.equal(credential.keyPrefix, KEY.slice(0, 20));
      assert.equal(credential.place, place);
      assert.equal(credential.inQuery, place === 'query');
    });
  }

  it('takes the same key in several places, headers twice included', () => {
    const headers = ['Authorization', `Bearer ${KEY}`, 'Authorization', basic('u', KEY), 'X-API-Key', KEY];
    const credential = find(headers, `api_key=${KEY}&a=1&api_key=${KEY}`);
    assert.equal(credential.kind, 'key');
    assert.equal(credential.place, 'bearer');
    assert.equal(credential.query, 'a=1');
    assert.equal(credential.inQuery, true);
  });

  const different: [string, string[], string][] = [
    ['two Authorization headers', ['Authorization', KEY, 'Authorization', `Bearer ${OTHER}`], ''],
    ['two X-API-Key headers', ['X-API-Key', KEY, 'x-api-key', OTHER], ''],
    ['a header and the query', ['Authorization', `Bearer ${KEY}`], `api_key=${OTHER}`],
    ['two parameters', [], `api_key=${KEY}&api_key=${OTHER}`],
  ];
  for (const [name, headers, query] of different) {
    it(`refuses different keys in ${name}`, () => {
      assert.equal(reasonOf(find(headers, query)), 'several_keys');
    });
  }

  it('says how to send a key where there is none', () => {
    const credential = find(['Host', 'h', 'Cookie', KEY, 'Proxy-Authorization', KEY], 'apikey=1');
    assert.equal(reasonOf(credential), 'key_missing');
    assert.match(messageOf(credential), /MLFLOW_TRACKING_TOKEN/);
  });

  const malformed: [string, string[], string, RegExp][] = [
    [
      'another token',
      ['Authorization', 'Bearer eyJhbGciOi'],
      '',
      /Authorization header.*another kind of token/,
    ],
    ['a cut-off key', ['Authorization', `Bearer ${KEY.slice(0, 40)}`], '', /cut off/],
    ['no token', ['Authorization', 'Bearer'], '', /empty/],
    ['an unknown scheme', ['Authorization', `Digest ${KEY}`], '', /neither Bearer nor Basic/],
    ['Basic that is no base64', ['Authorization', 'Basic %%%'], '', /base64 of user:key/],
    [
      'Basic without a colon',
      ['Authorization', `Basic ${Buffer.from('abc').toString('base64')}`],
      '',
      /user:key/,
    ],
    [
      'Basic with a password',
      ['Authorization', basic('ada', 'hunter2')],
      '',
      /password in the Authorization/,
    ],
    ['an empty X-API-Key', ['X-API-Key', ''], '', /X-API-Key header.*empty/],
    ['quotes', ['X-API-Key', `"${KEY}"`], '', /quotes/],
    ['a query parameter', [], 'api_key', /query parameter api_key.*empty/],
    ['one beside a good key', ['Authorization', `Bearer ${KEY}`], 'api_key=x', /query parameter api_key/],
  ];
  for (const [name, headers, query, expected] of malformed) {
    it(`says what is wrong with ${name}, and what a key looks like`, () => {
      const credential = find(headers, query);
      assert.equal(reasonOf(credential), 'key_malformed');
      assert.match(messageOf(credential), expected);
      assert.match(messageOf(credential), /hk_live_/);
    });
  }

  it('takes neither Basic nor the query where they are switched off, and says so', () => {
    const asBasic = find(['Authorization', basic('u', KEY)], '', MANAGEMENT);
    assert.equal(reasonOf(asBasic), 'key_malformed');
    assert.match(messageOf(asBasic), /not taken as a Basic password here/);
    const inQuery = find([], `a=1&api_key=${KEY}`, MANAGEMENT);
    assert.match(messageOf(inQuery), /not taken in the query here/);
    assert.equal(inQuery.query, 'a=1', 'it is cut out all the same');
  });

  it("ignores a browser's Basic credentials beside a key that is taken", () => {
    const headers = ['Authorization', basic('u', OTHER), 'X-API-Key', KEY];
    const credential = find(headers, '', MANAGEMENT);
    assert.equal(credential.kind, 'key');
    assert.equal(credential.key, KEY);
  });

  it('leaves the upstream its own api_key where keys in the query are not taken', () => {
    const accepts = { basic: true, query: false };
    const credential = find(['X-API-Key', KEY], 'api_key=upstream&b=%20', accepts);
    assert.equal(credential.kind, 'key');
    assert.equal(credential.query, 'api_key=upstream&b=%20');
    assert.equal(credential.inQuery, false);
  });
});

describe('findCredential, whatever is sent', () => {
  const header = fc.tuple(
    fc.constantFrom('Authorization', 'authorization', 'X-API-Key', 'x-api-key', 'Accept'),
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(KEY, `Bearer ${KEY}`, `Basic ${KEY}`, basic('u', KEY), `Bearer ${KEY.slice(0, -1)}`),
      fc.base64String().map((text) => `Basic ${text}`),
      fc.string().map((text) => basic(text, KEY.slice(0, 50))),
    ),
  );
  const accepted = fc.record({ basic: fc.boolean(), query: fc.boolean() });

  it('never throws and never repeats a secret', () => {
    const anything = fc.tuple(fc.array(header), fc.string({ unit: 'binary' }), accepted);
    fc.assert(
      fc.property(anything, ([headers, query, accepts]) => {
        const credential = find(headers.flat(), query, accepts);
        assert.ok(!messageOf(credential).includes(SECRET.slice(0, 12)));
      }),
    );
  });

  /** The text with any of its characters percent-encoded, in either case. */
  const encoded = (text: string) =>
    fc
      .array(fc.constantFrom('plain', 'upper', 'lower'), { minLength: text.length, maxLength: text.length })
      .map((ways) => Array.from(text, (character, index) => encode(character, ways[index])).join(''));
  const noise = fc
    .array(
      fc.constantFrom('a', '=', '&', '%', '%26', '%3D', '+', ';', 'api_key', '%61', '%zz', '%c3%28', '_'),
    )
    .map((parts) => parts.join(''));
  const parameter = fc.tuple(encoded('api_key'), encoded(KEY)).map(([name, value]) => `${name}=${value}`);

  it('cuts the key out of the query however the name and the key are encoded', () => {
    fc.assert(
      fc.property(
        noise,
        fc.array(parameter, { minLength: 1, maxLength: 3 }),
        noise,
        (before, keys, after) => {
          const credential = find([], [before, ...keys, after].join('&'));
          const rest = new URLSearchParams(credential.query);
          assert.ok(!rest.has('api_key'), credential.query);
          assert.ok(!unescaped(credential.query).includes(KEY), credential.query);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('leaves every other byte of the query as it was', () => {
    const others = noise.filter((query) => !new URLSearchParams(query).has('api_key'));
    fc.assert(
      fc.property(others, others, parameter, (before, after, key) => {
        assert.equal(find([], before).query, before);
        assert.equal(find([], `${before}&${key}&${after}`).query, `${before}&${after}`);
      }),
      { numRuns: 500 },
    );
  });
});

function encode(character: string, way: string | undefined): string {
  if (way === 'plain') return character;
  const hex = character.charCodeAt(0).toString(16);
  return `%${way === 'upper' ? hex.toUpperCase() : hex}`;
}

function unescaped(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
