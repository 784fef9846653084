/** What the management API makes of requests that are wrong: all that is wrong is named, and nothing is done. */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { SCOPES, toStruct } from '@hokusai/contracts';
import { type Ask, pathsOf, reasonOf, startApi, type TestApi } from '../support/api.ts';
import { rawConnection, sendRaw } from '../support/raw-client.ts';
import { PLAINTEXT, stored } from '../support/stored.ts';

const KEYS = '/api/v1/auth/keys';

/** A request whose metadata have so many levels, the object itself included. */
function nested(levels: number): string {
  return `{"name":"x","metadata":{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}}`;
}

describe('the management API: requests', () => {
  let api: TestApi;

  before(async () => {
    api = await startApi();
  });
  beforeEach(() => {
    api.calls.length = 0;
    api.answer = () => ({ key: stored, plaintext: PLAINTEXT });
  });
  after(() => api.close());

  const create = (body: unknown, headers?: Record<string, string>) =>
    api.ask('POST', KEYS, { body, ...(headers && { headers }) });
  const messages = ({ json }: { json: Record<string, unknown> }) =>
    (json['violations'] as { path: string; message: string }[]).map(
      ({ path, message }) => `${path}: ${message}`,
    );

  it('names everything that is wrong, and where', async () => {
    const refused = await create({
      scopes: ['a', 1],
      rate_limit_per_hour: 1.5,
      burst_limit: 0,
      burst_window_seconds: 2_147_483_648,
      expires_at: 'tomorrow',
      allowed_ips: ['', '10.0.0.1/8', '10.0.0.0/8', 'fe80::1%eth0'],
      user_id: 'ada',
      environment: 'prod',
      metadata: [],
      colour: 'red',
    });
    assert.equal(refused.status, 422);
    assert.equal(reasonOf(refused), 'invalid_values');
    assert.deepEqual(pathsOf(refused), [
      ...['allowed_ips[0]', 'allowed_ips[1]', 'allowed_ips[3]', 'burst_limit', 'burst_window_seconds'],
      ...['colour', 'environment', 'expires_at', 'metadata', 'name', 'rate_limit_per_hour'],
      ...['scopes[0]', 'scopes[1]', 'user_id'],
    ]);
    assert.ok(messages(refused).includes('name: is required'));
    assert.ok(messages(refused).includes('allowed_ips[1]: has bits set after /8: did you mean 10.0.0.0/8?'));
    assert.deepEqual(api.calls, []);
  });

  it('names beside it what is wrong for the time, or for what stands in other fields', async () => {
    const secret = api.gateway.key.key;
    const refused = await create({
      ...{ name: `my ${secret}`, expires_at: '2020-01-01T00:00:00Z', metadata: { old: secret } },
      ...{ environment: 'test', scopes: ['keys:read', 'admin', 'x'], bogus: 1 },
    });
    assert.equal(refused.status, 422);
    const holdsKey = 'contains an API key: keys are kept out of names and notes';
    assert.deepEqual(messages(refused).toSorted(), [
      'bogus: there is no such field',
      'expires_at: lies in the past',
      `metadata: ${holdsKey}`,
      `name: ${holdsKey}`,
      'scopes[1]: a test key never gets admin',
      `scopes[2]: expected one of ${SCOPES.join(', ')}`,
    ]);
    assert.ok(!JSON.stringify(refused.json).includes(secret.slice(20)));
    const past = { expires_at: '2020-01-01T00:00:00Z', scopes: ['admin', 'x'], name: '' };
    const unchanged = await api.ask('PATCH', `${KEYS}/${stored.id}`, { body: past });
    assert.deepEqual(pathsOf(unchanged), ['expires_at', 'name', 'scopes[1]']);
    assert.deepEqual(pathsOf(await api.ask('POST', `${KEYS}?x=1`, { body: { ...past, name: 'x' } })), [
      ...['expires_at', 'scopes[1]', 'x'],
    ]);
    for (const body of [[], { name: '', expires_at: 7, scopes: {}, environment: null }])
      assert.equal((await create(body)).status, 422);
    assert.deepEqual(api.calls, []);
  });

  it('leaves a time that is wrong by itself to the keys service, which may have answered before', async () => {
    const body = { name: 'x', expires_at: '2020-01-01T00:00:00Z', environment: 'test', scopes: ['admin'] };
    assert.equal((await create(body)).status, 201);
    assert.equal(
      (await api.ask('PATCH', `${KEYS}/${stored.id}`, { body: { name: 'x', expires_at: body.expires_at } }))
        .status,
      200,
    );
  });

  it('takes times of the years 1 to 9999', async () => {
    for (const expires_at of [
      '0000-12-31T23:59:59Z',
      '0001-01-01T00:00:00+00:01',
      '9999-12-31T23:59:59-00:01',
    ])
      assert.deepEqual(messages(await create({ name: 'x', expires_at })), [
        'expires_at: is not a time in the years 1 to 9999',
      ]);
    assert.deepEqual(messages(await create({ name: 'x', expires_at: 'soon' })), [
      'expires_at: expected a time with its offset, such as 2027-01-31T12:00:00Z (the + of an offset is %2B in a query)',
    ]);
    assert.equal((await create({ name: 'x', expires_at: '9999-12-31T23:59:59.999Z' })).status, 201);
  });

  it('judges texts as the keys service does', async () => {
    const wrong = ['', '  ', 'x'.repeat(201), '🌊'.repeat(201), 'a\nb', 'a\0b', 'a\ud800b', 7, ['x'], null];
    for (const name of wrong) assert.deepEqual(pathsOf(await create({ name })), ['name'], String(name));
    for (const name of ['🌊'.repeat(200), ' 北斎の鍵 '])
      assert.equal((await create({ name })).status, 201, name);
  });

  it('judges metadata by depth and size', async () => {
    const body = nested(8);
    assert.equal((await create(body)).status, 201);
    assert.deepEqual(api.calls[0]?.request['metadata'], toStruct(JSON.parse(body).metadata));
    assert.match(messages(await create(nested(9)))[0] ?? '', /^metadata: is nested deeper than 8 levels/);
    assert.match(messages(await create({ name: 'x', metadata: { a: 'x'.repeat(4096) } }))[0] ?? '', /4096/);
    assert.match(messages(await create({ name: 'x', metadata: { a: '\0' } }))[0] ?? '', /NUL/);
    assert.match(messages(await create('{"name":"x","metadata":{"a":1e999}}'))[0] ?? '', /number/);
  });

  it('says of 10,000 blocks, right or wrong, that they are too many', async () => {
    for (const block of ['10.0.0.0/8', '']) {
      const refused = await create({ name: 'x', allowed_ips: Array.from({ length: 10_000 }, () => block) });
      assert.equal(refused.status, 422);
      assert.equal(messages(refused)[0], 'allowed_ips: expected at most 100 blocks');
    }
  });

  it('takes no empty list of blocks for one of all', async () => {
    const [created, changed] = [
      await create({ name: 'x', allowed_ips: [] }),
      await api.ask('PATCH', `${KEYS}/${stored.id}`, { body: { allowed_ips: [] } }),
    ];
    assert.match(messages(created)[0] ?? '', /^allowed_ips: is empty: leave it out/);
    assert.match(messages(changed)[0] ?? '', /^allowed_ips: is empty: say null/);
    assert.deepEqual(api.calls, []);
  });

  it('names only the first of very many things that are wrong', async () => {
    const body = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`f${i}`, 1]));
    const refused = await create({ name: 'x', ...body });
    assert.equal(refused.status, 422);
    assert.equal(messages(refused).length, 33);
    assert.equal(messages(refused).at(-1), ': and 19968 more');
    assert.match(String(refused.json['message']), /f4: there is no such field; and 19995 more\. /);
    const long = await create({ name: 'x', ['y'.repeat(100_000)]: 1 });
    assert.ok(JSON.stringify(long.json).length < 2000);
  });

  const unreadable: [name: string, ask: Ask, status: number, reason: string][] = [
    ['broken JSON', { body: '{"name":' }, 400, 'malformed_body'],
    [
      'a form',
      { body: 'name=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'unsupported_media_type',
    ],
    [
      'a body without a type',
      { body: Buffer.from('{}'), headers: { 'content-type': '' } },
      415,
      'unsupported_media_type',
    ],
    ['no body', {}, 422, 'invalid_values'],
    [
      'an unknown charset',
      { body: '{}', headers: { 'content-type': 'application/json; charset=x' } },
      415,
      'unsupported_media_type',
    ],
    [
      'UTF-16',
      { body: Buffer.from('{}', 'utf16le'), headers: { 'content-type': 'application/json; charset=utf-16' } },
      415,
      'unsupported_media_type',
    ],
    [
      'an unknown coding',
      { body: '{}', headers: { 'content-encoding': 'zstd2' } },
      415,
      'unsupported_media_type',
    ],
    ['what is not gzip', { body: '{}', headers: { 'content-encoding': 'gzip' } }, 400, 'malformed_body'],
    ['a name in Latin-1', { body: Buffer.from('{"name":"\xe9"}', 'latin1') }, 400, 'malformed_body'],
    ['half a UTF-8 sequence', { body: Buffer.from([0x22, 0xf0, 0x9f, 0x8c, 0x22]) }, 400, 'malformed_body'],
    ['a number', { body: '1' }, 400, 'malformed_body'],
    ['a list', { body: '[]' }, 422, 'invalid_values'],
    ['a member that stands twice', { body: '{"name":"x","name":"y"}' }, 400, 'malformed_body'],
    [
      'a member that stands twice, spelt differently',
      { body: '{"a":{"n":1},"b":[{"x":1,"\\u0078":2}]}' },
      400,
      'malformed_body',
    ],
    ['a member __proto__', { body: '{"name":"x","metadata":{"__proto__":1}}' }, 400, 'malformed_body'],
    ['a body of 17 levels', { body: nested(16) }, 422, 'invalid_values'],
    ['a body of 100,000 levels', { body: nested(100_000) }, 422, 'invalid_values'],
    [
      'a string of 200 KiB of escapes',
      { body: `{"name":"${'\\"'.repeat(100 * 1024)}"}` },
      422,
      'invalid_values',
    ],
    ['a body of 300 KiB', { body: { name: 'x'.repeat(300 * 1024) } }, 413, 'body_too_large'],
    ['a name of 10 MB', { body: { name: 'x'.repeat(10_000_000) } }, 413, 'body_too_large'],
    [
      'a packed name of 10 MB',
      { body: gzipSync(`{"name":"${'x'.repeat(10_000_000)}"}`), headers: { 'content-encoding': 'gzip' } },
      413,
      'body_too_large',
    ],
  ];
  for (const [name, sent, status, reason] of unreadable) {
    it(`answers ${name} with ${status}`, async () => {
      const refused = await api.ask('POST', KEYS, sent);
      assert.equal(refused.status, status, JSON.stringify(refused.json));
      assert.equal(reasonOf(refused), reason);
      assert.equal(refused.headers.get('retry-after'), null);
      assert.deepEqual(api.calls, []);
    });
  }

  it('takes the same name in different objects, and packed bodies', async () => {
    const body = '{"name":"x: \\"name\\":{","metadata":{"name":{"name":1},"l":[{"name":1},{"name":2}]}}';
    assert.equal((await create(body)).status, 201);
    assert.equal((await create(gzipSync(body), { 'content-encoding': 'gzip' })).status, 201);
    assert.equal((await create(body, { 'content-type': 'application/json; charset="UTF-8"' })).status, 201);
  });

  it('refuses a body where none has a meaning', async () => {
    const refused = await api.ask('DELETE', `${KEYS}/${stored.id}`, { body: { reason: 'x' } });
    assert.equal(refused.status, 400);
    assert.equal(reasonOf(refused), 'unexpected_body');
    assert.deepEqual(api.calls, []);
  });

  const queries: [query: string, path: string][] = [
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=1e1', 'limit'],
    ['limit=', 'limit'],
    ['limit=99999999999999999999', 'limit'],
    ['state=on', 'state'],
    ['environment=prod', 'environment'],
    ['scope=all', 'scope'],
    ['name=', 'name'],
    ['name=%00', 'name'],
    [`name=${'x'.repeat(201)}`, 'name'],
    ['user_id=ada', 'user_id'],
    ['unused_since=2026', 'unused_since'],
    ['expires_before=2026-02-30T00:00:00Z', 'expires_before'],
    ['colour=red', 'colour'],
    ['__proto__=x', '__proto__'],
    ['limit=1&limit=1', 'limit'],
    ['limit=1&%6cimit=2', 'limit'],
  ];
  for (const [query, path] of queries) {
    it(`refuses the query ${query.slice(0, 40)}`, async () => {
      const refused = await api.ask('GET', `${KEYS}?${query}`);
      assert.equal(refused.status, 422);
      assert.deepEqual(pathsOf(refused), [path]);
      assert.deepEqual(api.calls, []);
    });
  }

  it('refuses what can be no cursor', async () => {
    for (const cursor of ['', 'x'.repeat(1001)]) {
      const refused = await api.ask('GET', `${KEYS}?cursor=${cursor}`);
      assert.deepEqual([refused.status, reasonOf(refused)], [400, 'invalid_cursor']);
    }
    assert.deepEqual(api.calls, []);
  });

  it('says one thing of a value, in words', async () => {
    const said = async (method: string, path: string, body: unknown) =>
      messages(await api.ask(method, path, { body }));
    assert.deepEqual(await said('POST', KEYS, []), [': expected a JSON object']);
    const texts = { name: 'x', scopes: 'mlflow:read', allowed_ips: '10.0.0.0/8', metadata: 'a' };
    assert.deepEqual((await said('POST', KEYS, texts)).toSorted(), [
      'allowed_ips: expected a list of addresses or CIDR blocks',
      'metadata: expected an object',
      'scopes: expected a list of scopes',
    ]);
    const key = `${KEYS}/${stored.id}`;
    assert.deepEqual(await said('PATCH', key, { user_id: 'x' }), ['user_id: there is no such field']);
    assert.deepEqual(await said('PATCH', key, {}), [': name at least one field to change']);
    assert.deepEqual(await said('PATCH', key, { name: 'x', if_version: '0' }), [
      'if_version: expected a version, as a text, as the field `version` of the key shows it',
    ]);
    assert.deepEqual(api.calls, []);
  });

  it('refuses parameters where there are none, and queries that are not UTF-8', async () => {
    assert.deepEqual(pathsOf(await api.ask('POST', `${KEYS}?limit=1`, { body: {} })), ['limit', 'name']);
    assert.equal((await api.ask('GET', '/api/v1/auth/whoami?x=1')).status, 422);
    assert.equal((await api.ask('DELETE', `${KEYS}/${stored.id}?cascade=yes&wait=1`)).status, 422);
    for (const query of ['name=%ff', 'name=%', 'name=%zz', '%c3%28=1']) {
      const refused = await api.ask('GET', `${KEYS}?${query}`);
      assert.equal(refused.status, 400, query);
      assert.equal(reasonOf(refused), 'malformed_query');
    }
  });

  it('takes a body after 100 Continue', async () => {
    const connection = await rawConnection(api.gateway.port);
    connection.send(
      `POST ${KEYS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Type: application/json\r\nAuthorization: ${api.gateway.key.key}\r\nContent-Length: 12\r\n\r\n`,
    );
    await connection.until(/100 Continue\r\n\r\n/);
    connection.send('{"name":"x"}');
    assert.match(await connection.closed(), /HTTP\/1\.1 201 /);
  });

  it('survives a client that leaves within its body', async () => {
    const connection = await rawConnection(api.gateway.port);
    connection.send(
      `POST ${KEYS} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: ${api.gateway.key.key}\r\nContent-Length: 12\r\n\r\n{"na`,
    );
    connection.socket.destroy();
    await connection.closed();
    const request = 'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    assert.match(await sendRaw(api.gateway.port, request), /^HTTP\/1\.1 200 /);
    assert.deepEqual(api.calls, []);
  });
});
