/** Users through the management API: what the keys service is asked, and what is made of its answer. */
import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts';
import { pathsOf, reasonOf, startApi, type TestApi } from '../support/api.ts';
import { type TestKey, testKey } from '../support/key.ts';
import { shownUser, storedUser } from '../support/stored.ts';

const USERS = '/api/v1/users';
const USER = `${USERS}/${storedUser.id}`;

describe('the management API: users', () => {
  let api: TestApi;
  let key: TestKey;

  before(async () => {
    api = await startApi();
    const { owner } = api.gateway.key.authenticated.state;
    key = api.gateway.add(testKey({ scopes: ['admin'], owner: { ...owner, role: 'admin' } }));
  });
  beforeEach(() => {
    api.calls.length = 0;
    api.answer = () => ({ user: storedUser });
  });
  after(() => api.close());

  /** What the keys service was asked last, without the caller. */
  function asked(): { method: string | undefined; request: Record<string, unknown> } {
    const last = api.calls.at(-1);
    const { caller, ...request } = last?.request ?? {};
    assert.ok(caller);
    return { method: last?.method, request };
  }

  it('creates a user', async () => {
    const body = {
      ...{ external_id: 'ada@idp', email: 'ada@example.org', display_name: 'Ada', role: 'admin' },
      rate_limit_per_hour: 7,
    };
    const { status, headers, json } = await api.ask('POST', USERS, { key, body });
    assert.equal(status, 201);
    assert.deepEqual(json, shownUser);
    assert.equal(headers.get('location'), USER);
    assert.deepEqual(asked(), {
      method: 'CreateUser',
      request: {
        externalId: 'ada@idp',
        email: 'ada@example.org',
        displayName: 'Ada',
        role: 'ROLE_ADMIN',
        rateLimitPerHour: 7,
        idempotency: null,
      },
    });
    await api.ask('POST', USERS, { key, body: { display_name: 'Bot', email: null } });
    assert.deepEqual(asked().request, { displayName: 'Bot', role: 'ROLE_UNSPECIFIED', idempotency: null });
  });

  it('lists users, filtered and in pages', async () => {
    api.answer = () => ({ users: [storedUser], nextCursor: 'more' });
    const query = 'limit=7&cursor=c&external_id=ada%40idp&email=ada@example.org&role=admin&state=disabled';
    const { status, json } = await api.ask('GET', `${USERS}?${query}`, { key });
    assert.equal(status, 200);
    assert.deepEqual(json, { data: [shownUser], next_cursor: 'more' });
    assert.deepEqual(asked(), {
      method: 'ListUsers',
      request: {
        pageSize: 7,
        cursor: 'c',
        externalId: 'ada@idp',
        email: 'ada@example.org',
        role: 'ROLE_ADMIN',
        state: 'USER_STATE_FILTER_DISABLED',
      },
    });
  });

  it('shows one user', async () => {
    const { status, json } = await api.ask('GET', USER, { key });
    assert.equal(status, 200);
    assert.deepEqual(json, shownUser);
    assert.deepEqual(asked(), { method: 'GetUser', request: { userId: storedUser.id } });
  });

  it('changes what a request names, and nothing else', async () => {
    const body = { email: null, disabled: true, rate_limit_per_hour: null };
    assert.equal((await api.ask('PATCH', USER, { key, body })).status, 200);
    assert.deepEqual(asked(), {
      method: 'UpdateUser',
      request: {
        userId: storedUser.id,
        updateMask: { paths: ['email', 'disabled', 'rate_limit_per_hour'] },
        displayName: '',
        role: 'ROLE_UNSPECIFIED',
        disabled: true,
      },
    });
    await api.ask('PATCH', USER, {
      key,
      body: { display_name: 'A', role: 'member', rate_limit_per_hour: 1 },
    });
    const { displayName, role, rateLimitPerHour } = asked().request;
    assert.deepEqual(
      { displayName, role, rateLimitPerHour },
      { displayName: 'A', role: 'ROLE_MEMBER', rateLimitPerHour: 1 },
    );
  });

  it('names everything that is wrong with a user, and where', async () => {
    const wrong = {
      ...{ external_id: '', email: 'ada', role: 'owner', rate_limit_per_hour: 0, colour: 'red' },
      display_name: 'a\nb',
    };
    const refused = await api.ask('POST', USERS, { key, body: wrong });
    assert.equal(refused.status, 422);
    assert.deepEqual(pathsOf(refused), Object.keys(wrong).toSorted());
    for (const body of [{}, { external_id: 'x' }, { display_name: null }, { disabled: null }, { role: null }])
      assert.equal((await api.ask('PATCH', USER, { key, body })).status, 422, JSON.stringify(body));
    assert.deepEqual(api.calls, []);
  });

  it('passes on that an external id is taken', async () => {
    api.answer = () => {
      throw new HokusaiError('conflict', 'Taken.', { reason: 'external_id_taken' });
    };
    const refused = await api.ask('POST', USERS, { key, body: { display_name: 'x' } });
    assert.equal(refused.status, 409);
    assert.equal(refused.headers.get('retry-after'), null);
    assert.equal(reasonOf(refused), 'external_id_taken');
  });

  it('is for admins', async () => {
    for (const [method, path] of [
      ['POST', USERS],
      ['GET', USERS],
      ['GET', USER],
      ['PATCH', USER],
    ] as const)
      assert.equal((await api.ask(method, path)).status, 403, `${method} ${path}`);
    assert.deepEqual(api.calls, []);
  });

  it('knows no user by another name than their id', async () => {
    const refused = await api.ask('GET', `${USERS}/ada`, { key });
    assert.equal(refused.status, 404);
    assert.equal(reasonOf(refused), 'user_not_found');
  });
});
