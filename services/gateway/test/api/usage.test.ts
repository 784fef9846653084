/** Questions about usage: what they ask the usage service, what they answer, in JSON and CSV, and what they refuse. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { fromTimestamp, HokusaiError } from '@hokusai/contracts';
import { pathsOf, reasonOf, startApi, type TestApi } from '../support/api.ts';
import { type TestKey, testKey } from '../support/key.ts';
import {
  KEY_ID,
  sentBuckets,
  sentEndpoints,
  sentEntries,
  sentIncarnation,
  sentIntegrity,
  sentObserved,
  sentTotals,
  sentUnused,
  shownBuckets,
  shownEndpoints,
  shownEntries,
  shownIntegrity,
  shownObserved,
  shownTotals,
  shownUnused,
  USER_ID,
} from '../support/usage-service/samples.ts';

const USAGE = '/api/v1/usage';
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const TOTALS_HEADER =
  'requests,errors,statuses_1xx,statuses_2xx,statuses_3xx,statuses_4xx,statuses_5xx,refused,refused_by_reason,latency_ms_p50,latency_ms_p90,latency_ms_p99,bytes_in,bytes_out';
const TOTALS_LINE =
  '1520,3,1,1400,2,114,3,3,rate_limited=1 scope_missing=2,8.123,21.4,88,48211,9007199254740991';
const NOTHING_LINE = '0,0,0,0,0,0,0,0,,,,,0,0';

type Message = Record<string, unknown>;

describe('the management API: usage', () => {
  let api: TestApi;
  let key: TestKey;

  before(async () => {
    api = await startApi();
    key = api.gateway.add(testKey({ scopes: ['usage:read'] }));
  });
  beforeEach(() => {
    api.calls.length = 0;
    api.answer = () => ({
      ...{ totals: sentTotals, buckets: sentBuckets, endpoints: sentEndpoints, entries: sentEntries },
      ...{ keys: sentUnused, complete: false, brokerReachable: true, incarnations: [sentIncarnation] },
    });
  });
  after(() => api.close());

  const get = (path: string, headers: Record<string, string> = {}, by = key) =>
    api.ask('GET', `${USAGE}/${path}`, { key: by, headers });

  /** What was asked last, apart from who asked and when. */
  function asked(): { method: string | undefined; request: Message; period: [Date | null, Date | null] } {
    const last = api.calls.at(-1);
    const { reader, filter, ...request } = (last?.request ?? {}) as Message;
    assert.ok(reader);
    const { from, to, ...rest } = (filter ?? {}) as { from?: object; to?: object };
    const period = [from, to].map((time) => fromTimestamp(time as never)) as [Date | null, Date | null];
    return { method: last?.method, request: { ...request, ...rest }, period };
  }

  it('sums up, of the last day unless told otherwise', async () => {
    const { status, json } = await get('summary');
    assert.equal(status, 200);
    const { method, request, period } = asked();
    const [from, to] = period;
    assert.deepEqual([method, request], ['GetSummary', { keyId: '', userId: '', endpoint: '' }]);
    assert.equal(Number(to) - Number(from), DAY_MS);
    assert.deepEqual(json, { from: from?.toISOString(), to: to?.toISOString(), ...shownTotals });
    assert.ok(Math.abs(Number(to) - Date.now()) < HOUR_MS);
  });

  it('sums up what is asked for', async () => {
    const endpoint = '/api/2.0/mlflow/runs/create';
    const query = new URLSearchParams({
      ...{ key_id: KEY_ID, user_id: USER_ID, endpoint },
      ...{ from: '2026-01-01T00:00:00+01:00', to: '2026-02-01T00:00:00Z' },
    });
    const { json } = await get(`summary?${query}`);
    const { request, period } = asked();
    assert.deepEqual(request, { keyId: KEY_ID, userId: USER_ID, endpoint });
    const times = ['2025-12-31T23:00:00.000Z', '2026-02-01T00:00:00.000Z'];
    assert.deepEqual(
      period.map((time) => time?.toISOString()),
      times,
    );
    assert.deepEqual([json['from'], json['to']], times);
  });

  it('shows no latency where there were no requests', async () => {
    api.answer = () => ({ totals: { ...sentTotals, requests: '0', latency: null } });
    const { json } = await get('summary');
    assert.deepEqual([json['requests'], json['latency_ms']], [0, null]);
  });

  it('tells the usage service who asks: an admin by role, unless with a test key', async () => {
    const { owner } = key.authenticated.state;
    const admins = { ...owner, role: 'admin' } as const;
    for (const [state, isAdmin] of [
      [{ owner }, false],
      [{ owner: admins }, true],
      [{ owner: admins, environment: 'test' }, false],
    ] as const) {
      const reader = api.gateway.add(testKey({ scopes: ['usage:read'], ...state }));
      await get('summary', { 'x-request-id': 'the-request' }, reader);
      assert.deepEqual(api.calls.at(-1)?.request['reader'], {
        actingKeyId: reader.authenticated.state.keyId,
        actingUserId: owner.userId,
        isAdmin,
        requestId: 'the-request',
      });
    }
  });

  it('answers time series', async () => {
    const query = 'granularity=day&time_zone=Europe/Berlin&from=2026-11-21T23:00:00Z&to=2026-11-22T00:00:00Z';
    const { status, json } = await get(`timeseries?${query}&key_id=${KEY_ID}`);
    assert.equal(status, 200);
    assert.deepEqual(json, {
      ...{ from: '2026-11-21T23:00:00.000Z', to: '2026-11-22T00:00:00.000Z' },
      ...{ granularity: 'day', time_zone: 'Europe/Berlin', data: shownBuckets },
    });
    const { method, request } = asked();
    assert.equal(method, 'GetTimeSeries');
    assert.deepEqual(request, {
      ...{ granularity: 'GRANULARITY_DAY', timeZone: 'Europe/Berlin' },
      ...{ keyId: KEY_ID, userId: '', endpoint: '' },
    });
    await get('timeseries');
    assert.deepEqual(
      [asked().request['granularity'], asked().request['timeZone']],
      ['GRANULARITY_HOUR', 'UTC'],
    );
  });

  it('lists endpoints, the busiest or the slowest', async () => {
    const { status, json } = await get('endpoints');
    assert.equal(status, 200);
    assert.deepEqual([json['data'], json['next_cursor']], [shownEndpoints, null]);
    const first = asked();
    assert.equal(first.method, 'ListEndpoints');
    assert.deepEqual([first.request['order'], first.request['limit']], ['ENDPOINT_ORDER_REQUESTS', 10]);
    await get('endpoints?order=slowest&limit=100');
    const second = asked().request;
    assert.deepEqual([second['order'], second['limit']], ['ENDPOINT_ORDER_SLOWEST', 100]);
  });

  for (const [by, dimension] of [
    ['', 'TOP_DIMENSION_KEY'],
    ['by=key', 'TOP_DIMENSION_KEY'],
    ['by=endpoint&limit=3', 'TOP_DIMENSION_ENDPOINT'],
    ['by=client_ip', 'TOP_DIMENSION_CLIENT_IP'],
  ] as const)
    it(`ranks ${by || 'keys'}`, async () => {
      const { status, json } = await get(`top?${by}`);
      assert.equal(status, 200);
      assert.deepEqual([json['data'], json['next_cursor']], [shownEntries, null]);
      const { method, request } = asked();
      assert.deepEqual([method, request['dimension']], ['ListTop', dimension]);
      assert.equal(request['limit'], by.includes('limit') ? 3 : 10);
    });

  it('lists unused keys, in pages', async () => {
    api.answer = () => ({ keys: sentUnused, nextCursor: 'more' });
    const { status, json } = await get('unused?days=7&limit=2&cursor=c');
    assert.equal(status, 200);
    assert.deepEqual(json, { data: shownUnused, next_cursor: 'more' });
    const unusedFor = (days: number) => ({ seconds: String(days * 86_400), nanos: 0 });
    assert.deepEqual(asked().request, { unusedFor: unusedFor(7), pageSize: 2, cursor: 'c' });
    await get('unused');
    assert.deepEqual(asked().request, { unusedFor: unusedFor(90), pageSize: 0, cursor: '' });
  });

  it('lists whom gateways would have refused', async () => {
    api.answer = () => ({ clients: sentObserved });
    const { status, json } = await get('observed?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&limit=7');
    assert.deepEqual([status, json['data'], json['next_cursor']], [200, shownObserved, null]);
    assert.deepEqual([asked().method, asked().request['limit']], ['ListObserved', 7]);
    const { text } = await get('observed?format=csv');
    assert.match(
      text,
      /^reason,client_ip,user_agent_family,key_prefix,key_name,requests,first_minute,last_minute\r\n/,
    );
    assert.match(text, /key_missing,,,,,2,/);
  });

  it('shows the accounts of gateways, of the last day unless told otherwise, in pages', async () => {
    api.answer = () => sentIntegrity;
    const { status, json } = await get('integrity');
    assert.equal(status, 200);
    const { from, to, ...rest } = asked().request;
    assert.deepEqual([asked().method, rest], ['GetIntegrity', { pageSize: 0, cursor: '' }]);
    const [first, last] = [from, to].map((time) => fromTimestamp(time as never));
    assert.equal(Number(last) - Number(first), DAY_MS);
    assert.deepEqual(json, { from: first?.toISOString(), to: last?.toISOString(), ...shownIntegrity });
    const query = 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&limit=7&cursor=c';
    const named = await get(`integrity?${query}`);
    assert.deepEqual(fromTimestamp(asked().request['from'] as never), new Date('2026-01-01T00:00:00Z'));
    assert.deepEqual([asked().request['pageSize'], asked().request['cursor']], [7, 'c']);
    assert.equal(named.json['to'], '2026-01-02T00:00:00.000Z');
    const statuses = { STATUS_OPEN: 'open', STATUS_BALANCED: 'balanced', STATUS_UNCLEAN_END: 'unclean_end' };
    for (const [sent, shown] of Object.entries(statuses)) {
      const incarnations = [{ ...sentIncarnation, status: sent }];
      api.answer = () => ({ ...sentIntegrity, incarnations, nextCursor: '' });
      const answer = await get('integrity');
      const [account] = answer.json['incarnations'] as Message[];
      assert.deepEqual([account?.['status'], answer.json['next_cursor']], [shown, null]);
    }
  });

  it('tells when the broker of the usage service is away', async () => {
    api.answer = () => ({ ...sentIntegrity, complete: false, brokerReachable: false });
    assert.equal((await get('integrity')).json['broker_reachable'], false);
    api.answer = () => ({ ...sentIntegrity, complete: true, brokerReachable: true });
    const { json } = await get('integrity');
    assert.deepEqual([json['complete'], json['broker_reachable']], [true, true]);
  });

  for (const [path, expected] of [
    [
      'timeseries',
      [
        `start,${TOTALS_HEADER}`,
        `2026-11-21T23:00:00.000Z,${TOTALS_LINE}`,
        `2026-11-22T23:00:00.000Z,${NOTHING_LINE}`,
      ],
    ],
    ['endpoints', [`method,endpoint,${TOTALS_HEADER}`, `POST,/api/2.0/mlflow/runs/create,${TOTALS_LINE}`]],
    [
      'top',
      [
        `value,label,${TOTALS_HEADER}`,
        `${KEY_ID},hk_live_abcdefghijkl training,${TOTALS_LINE}`,
        `192.0.2.7,,${NOTHING_LINE}`,
      ],
    ],
    [
      'unused',
      [
        'key_id,key_prefix,name,user_id,last_used_at',
        `${KEY_ID},hk_live_abcdefghijkl,"'=cmd()",${USER_ID},2026-01-02T03:04:05.678Z`,
        `${USER_ID},,,,`,
      ],
    ],
    [
      'integrity',
      [
        'incarnation,gateway,status,assigned,received,stored,rolled_up,clock_corrected,gaps,gaps_left_out,last_known_assigned,opened_at,last_heard_at,closed_at',
        `${KEY_ID},host:8080,gap,20,15,15,14,2,3..6 9..9,3,20,2026-11-22T10:00:00.000Z,2026-11-22T11:00:00.000Z,`,
      ],
    ],
  ] as const)
    it(`answers ${path} as CSV, where that is asked for`, async () => {
      const accepted = await get(path, { accept: 'text/csv, application/json;q=0.5' });
      assert.equal(accepted.status, 200);
      assert.equal(accepted.headers.get('content-type'), 'text/csv; charset=utf-8; header=present');
      assert.equal(accepted.text, expected.map((line) => `${line}\r\n`).join(''));
      assert.equal(accepted.headers.get('link'), null);
      assert.equal((await get(`${path}?format=csv`)).text, accepted.text);
      for (const accept of ['*/*', 'application/json, text/csv', 'text/html,*/*;q=0.8', 'image/png'])
        assert.equal((await get(path, { accept })).headers.get('content-type'), 'application/json', accept);
      const json = await get(`${path}?format=json`, { accept: 'text/csv' });
      assert.equal(json.headers.get('content-type'), 'application/json');
    });

  it('answers a summary as CSV, with its period', async () => {
    const query = 'from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z&format=csv';
    const [header, line] = (await get(`summary?${query}`)).text.split('\r\n');
    assert.equal(header, `from,to,${TOTALS_HEADER}`);
    assert.equal(line, `2026-01-01T00:00:00.000Z,2026-01-02T00:00:00.000Z,${TOTALS_LINE}`);
  });

  it('links from a page of CSV to the next', async () => {
    api.answer = () => ({ keys: sentUnused, nextCursor: 'a/b+c' });
    const { headers } = await get('unused?days=7&cursor=c&format=csv');
    assert.equal(headers.get('link'), '<?days=7&cursor=a%2Fb%2Bc&format=csv>; rel="next"');
    api.answer = () => sentIntegrity;
    assert.equal(
      (await get('integrity?format=csv')).headers.get('link'),
      '<?format=csv&cursor=more>; rel="next"',
    );
    assert.equal((await get('unused')).headers.get('link'), null);
  });

  it('asks for nothing on HEAD that it would not on GET, and sends no body', async () => {
    const { status, text } = await api.ask('HEAD', `${USAGE}/top?format=csv`, { key });
    assert.deepEqual([status, text, api.calls.length], [200, '', 1]);
  });

  for (const [query, paths] of [
    [
      'summary?key_id=x&user_id=y&endpoint=%00&from=yesterday&to=2026-02-30T00:00:00Z&format=xml&colour=red',
      ['colour', 'endpoint', 'format', 'from', 'key_id', 'to', 'user_id'],
    ],
    ['summary?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', ['to']],
    ['summary?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z&key_id=x', ['key_id', 'to']],
    ['summary?from=2999-01-01T00:00:00Z', ['from']],
    ['summary?from=2999-01-01T00:00:00Z&to=2999-01-02T00:00:00Z', ['from']],
    ['timeseries?granularity=minute&from=2016-01-01T00:00:00Z&to=2026-01-01T00:00:00Z', ['granularity']],
    [
      'timeseries?granularity=minute&from=2016-01-01T00:00:00Z&to=2026-01-01T00:00:00Z&time_zone=Mars/Olympus',
      ['granularity', 'time_zone'],
    ],
    ['timeseries?granularity=second&time_zone=%2B01:00', ['granularity', 'time_zone']],
    ['endpoints?order=best&limit=0', ['limit', 'order']],
    ['endpoints?limit=101', ['limit']],
    ['top?by=user&limit=ten', ['by', 'limit']],
    ['top?by=client_ip&endpoint=/x&limit=0', ['endpoint', 'limit']],
    ['unused?days=0&limit=201', ['days', 'limit']],
    ['unused?days=100000', ['days']],
    ['integrity?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', ['to']],
    ['integrity?from=2999-01-02T00:00:00Z', ['from']],
    ['integrity?from=2999-01-02T00:00:00Z&limit=201', ['from', 'limit']],
  ] as const)
    it(`names everything that is wrong with ${query}`, async () => {
      const refused = await get(query);
      assert.equal(refused.status, 422);
      assert.equal(reasonOf(refused), 'invalid_values');
      assert.deepEqual(pathsOf(refused), paths);
      assert.deepEqual(api.calls, []);
    });

  it('says which periods are allowed', async () => {
    const { json } = await get('timeseries?granularity=minute&from=2016-01-01T00:00:00Z');
    assert.match(String(json['detail']), /minute for at most 2 days, hour for at most 62 days, day for/);
  });

  it('takes a whole decade as one sum', async () => {
    assert.equal((await get('summary?from=2016-01-01T00:00:00Z&to=2026-01-01T00:00:00Z')).status, 200);
  });

  it('passes on what the usage service refuses', async () => {
    api.answer = () => {
      throw new HokusaiError('permission_denied', "Only an admin may read another user's usage.");
    };
    const refused = await get(`summary?user_id=${randomUUID()}`);
    assert.equal(refused.status, 403);
    assert.match(String(refused.json['detail']), /Only an admin/);
  });

  it('answers 503 and when to try again where the usage service is silent', async () => {
    for (const code of ['unavailable', 'deadline_exceeded'] as const) {
      api.answer = () => {
        throw new HokusaiError(code, 'The usage service did not answer.');
      };
      const away = await get('summary');
      assert.deepEqual([away.status, away.headers.get('retry-after')], [503, '5']);
      assert.equal(reasonOf(away), 'usage_unavailable');
      assert.doesNotMatch(String(away.json['detail']), /change/);
    }
  });

  it('is for keys with usage:read', async () => {
    const stranger = api.gateway.add(testKey({ scopes: ['mlflow:read', 'keys:write', 'audit:read'] }));
    for (const path of ['summary', 'timeseries', 'endpoints', 'top', 'unused', 'integrity']) {
      const refused = await get(path, {}, stranger);
      assert.deepEqual([refused.status, reasonOf(refused)], [403, 'scope_missing'], path);
    }
    assert.deepEqual(api.calls, []);
  });

  it('counts itself as one endpoint of the API', async () => {
    await get(`summary?key_id=${KEY_ID}`);
    const { upstream, endpoint } = api.gateway.usage.at(-1) as { upstream: string; endpoint: string };
    assert.deepEqual([upstream, endpoint], ['api', '/api/v1/usage/summary']);
  });
});
