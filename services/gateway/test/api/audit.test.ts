/** Questions about the audit log: what they ask the services, what they answer, and what they refuse. */
import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { fromTimestamp, HokusaiError } from '@hokusai/contracts';
import { eventually } from '@hokusai/testing';
import { pathsOf, reasonOf, startApi, type TestApi } from '../support/api.ts';
import {
  EVENT_ID,
  KEY_ID,
  sentCheckpoint,
  sentEvent,
  sentExport,
  sentSigner,
  sentTampered,
  sentVerification,
  shownCheckpoint,
  shownEvent,
  shownExport,
  shownSigner,
  shownTampered,
  shownVerification,
  USER_ID,
} from '../support/audit-service/samples.ts';
import { type TestKey, testKey } from '../support/key.ts';

const AUDIT = '/api/v1/audit';
const NO_FILTER = {
  ...{ actorUserId: '', keyId: '', targetId: '', action: '', outcome: '', clientIp: '', requestId: '' },
  ...{ from: null, to: null },
};

type Message = Record<string, unknown>;

async function* recordsOf(records: readonly object[]): AsyncGenerator<object> {
  for (const record of records) yield await Promise.resolve(record);
}

describe('the management API: audit log', () => {
  let api: TestApi;
  let key: TestKey;

  before(async () => {
    api = await startApi();
    key = api.gateway.add(testKey({ scopes: ['audit:read'] }));
  });
  beforeEach(() => {
    api.calls.length = 0;
    api.answer = () => ({});
  });
  after(() => api.close());

  const get = (path: string, by = key) => api.ask('GET', `${AUDIT}/${path}`, { key: by });
  const asked = () => (api.calls.at(-1)?.request ?? {}) as Message;

  it('lists events, newest first, with what only their bodies tell', async () => {
    api.answer = () => ({ events: [sentEvent, sentTampered], nextCursor: 'c2' });
    const { status, json } = await get('events');
    assert.equal(status, 200);
    assert.deepEqual(json, { data: [shownEvent, shownTampered], next_cursor: 'c2' });
    const { reader, ...rest } = asked();
    assert.deepEqual(rest, { filter: NO_FILTER, pageSize: 50, oldestFirst: false, cursor: '' });
    assert.equal((reader as Message)['clientIp'], '127.0.0.1');
    assert.equal(api.calls.at(-1)?.method, 'ListEvents');
  });

  it('passes filters on, in the form in which they are stored', async () => {
    const query = new URLSearchParams({
      ...{ user_id: USER_ID, key_id: KEY_ID, target_id: 'mlflow', action: 'key.updated', outcome: 'success' },
      ...{ client_ip: '2001:DB8:0::1', request_id: 'r-1', limit: '7', cursor: 'c1', oldest_first: 'true' },
      ...{ from: '2026-01-01T00:00:00+01:00', to: '2026-02-01T00:00:00Z' },
    });
    assert.equal((await get(`events?${query}`)).status, 200);
    const { filter, reader: _, ...page } = asked();
    const { from, to, ...rest } = filter as Message;
    assert.deepEqual(page, { pageSize: 7, oldestFirst: true, cursor: 'c1' });
    assert.deepEqual(rest, {
      ...{
        actorUserId: USER_ID,
        keyId: KEY_ID,
        targetId: 'mlflow',
        action: 'key.updated',
        outcome: 'success',
      },
      ...{ clientIp: '2001:db8::1', requestId: 'r-1' },
    });
    assert.deepEqual(
      [from, to].map((time) => fromTimestamp(time as never)?.toISOString()),
      ['2025-12-31T23:00:00.000Z', '2026-02-01T00:00:00.000Z'],
    );
  });

  it('names all that is wrong with a question', async () => {
    const wrong =
      'user_id=x&key_id=y&action=Key&outcome=maybe&client_ip=10.0.0.0/8&limit=0&oldest_first=1&from=today';
    const answer = await get(`events?${wrong}`);
    assert.equal(answer.status, 422);
    const names = ['action', 'client_ip', 'from', 'key_id', 'limit', 'oldest_first', 'outcome', 'user_id'];
    assert.deepEqual(pathsOf(answer), names);
    const period = 'from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z';
    for (const path of ['events', 'export']) {
      assert.deepEqual(pathsOf(await get(`${path}?${period}`)), ['to'], path);
      assert.deepEqual(pathsOf(await get(`${path}?${period}&limit=x`)).includes('to'), true);
    }
    assert.deepEqual(pathsOf(await get('export?from_chain_seq=5&to_chain_seq=4')), ['to_chain_seq']);
    const body = { from_chain_seq: 5, to_chain_seq: 4 };
    assert.deepEqual(pathsOf(await api.ask('POST', `${AUDIT}/verify`, { key, body })), ['to_chain_seq']);
    assert.deepEqual(api.calls, []);
  });

  it('shows one event', async () => {
    api.answer = () => ({ event: sentEvent });
    assert.deepEqual((await get(`events/${EVENT_ID}`)).json, shownEvent);
    assert.equal(asked()['eventId'], EVENT_ID);
    const nonsense = await get('events/17');
    assert.deepEqual([nonsense.status, reasonOf(nonsense)], [404, 'event_not_found']);
    api.answer = () => {
      throw new HokusaiError('not_found', 'There is no such event.');
    };
    assert.equal((await get(`events/${EVENT_ID}`)).status, 404);
  });

  it('lists checkpoints, with who signs', async () => {
    api.answer = () => ({ checkpoints: [sentCheckpoint], signers: [sentSigner] });
    const { json } = await get('checkpoints?limit=3');
    assert.deepEqual(json, { data: [shownCheckpoint], signers: [shownSigner], next_cursor: null });
    assert.equal(asked()['pageSize'], 3);
  });

  it('passes on what the keys service has kept, page by page', async () => {
    const witness = (row: number) => ({ chainSeq: String(row), hash: Buffer.alloc(32, row) });
    api.answer = () => ({ witnesses: [witness(3), witness(9)], hasMore: true });
    const { json } = await get('witnesses?limit=2&cursor=2');
    const { caller, ...rest } = asked();
    assert.deepEqual(rest, { afterChainSeq: '2', pageSize: 2 });
    assert.equal((caller as Message)['actingKeyId'], key.authenticated.proof.keyId);
    const shown = [3, 9].map((row) => ({ chain_seq: row, hash: Buffer.alloc(32, row).toString('hex') }));
    assert.deepEqual(json, { data: shown, next_cursor: '9' });
    api.answer = () => ({ witnesses: [], hasMore: false });
    assert.deepEqual((await get('witnesses')).json, { data: [], next_cursor: null });
    assert.deepEqual(reasonOf(await get('witnesses?cursor=x')), 'invalid_cursor');
  });

  it('has the audit service verify, with what the keys service has kept of the rows', async () => {
    const witness = (row: number) => ({ chainSeq: String(row), hash: Buffer.alloc(32, row) });
    api.answer = () => ({ ...sentVerification, witnesses: [3, 9, 12].map(witness), hasMore: false });
    const body = { from_chain_seq: 3, to_chain_seq: 10 };
    const { status, json } = await api.ask('POST', `${AUDIT}/verify`, { key, body });
    assert.equal(status, 200);
    assert.deepEqual(json, { ...shownVerification, witnesses_known: 2 });
    const [first, second] = api.calls;
    assert.deepEqual([first?.method, first?.request['afterChainSeq']], ['ListWitnesses', '2']);
    assert.equal(second?.method, 'VerifyChain');
    const { reader: _, ...rest } = second?.request ?? {};
    assert.deepEqual(rest, { fromChainSeq: 3, toChainSeq: 10, witnesses: [3, 9].map(witness) });

    const whole = { intact: true, rowsVerified: '0', problem: '', proof: '', checkpointsVerified: '0' };
    const counts = { witnessesVerified: '0', lastCheckpointChainSeq: '0', firstBadChainSeq: '0' };
    const more = { rowsBound: '0', erasedValues: '0', unproven: [] };
    api.answer = () => ({ ...whole, ...counts, ...more, witnesses: [], hasMore: false });
    const intact = (await api.ask('POST', `${AUDIT}/verify`, { key })).json;
    assert.deepEqual(
      [
        intact['intact'],
        intact['first_bad_chain_seq'],
        intact['problem'],
        intact['last_checkpoint_chain_seq'],
      ],
      [true, null, null, null],
    );
  });

  it('needs the scope audit:read, and says when a service is away', async () => {
    const other = api.gateway.add(testKey({ scopes: ['usage:read', 'keys:read'] }));
    assert.equal(reasonOf(await get('events', other)), 'scope_missing');
    api.answer = () => {
      throw new HokusaiError('unavailable', 'The audit service did not answer.');
    };
    for (const path of ['events', `events/${EVENT_ID}`, 'export', 'checkpoints']) {
      const answer = await get(path);
      assert.deepEqual([answer.status, reasonOf(answer)], [503, 'audit_unavailable'], path);
      assert.equal(answer.headers.get('retry-after'), '5');
    }
    assert.equal(reasonOf(await get('witnesses')), 'keys_unavailable');
    api.answer = () => {
      throw new HokusaiError('deadline_exceeded', 'Too late.');
    };
    assert.equal(reasonOf(await api.ask('POST', `${AUDIT}/verify`, { key })), 'keys_unavailable');
    assert.equal(reasonOf(await get('events')), 'audit_unavailable');
  });

  describe('its export', () => {
    it('is a line of JSON for each record', async () => {
      api.answer = () => recordsOf(sentExport);
      const { status, headers, text } = await get(
        `export?action=key.updated&from_chain_seq=3&to_chain_seq=20`,
      );
      assert.deepEqual([status, headers.get('content-type')], [200, 'application/jsonl']);
      assert.equal(headers.get('cache-control'), 'no-store');
      const lines = text.trimEnd().split('\n');
      assert.deepEqual(
        lines.map((line) => JSON.parse(line)),
        shownExport,
      );
      const { reader: _, ...rest } = asked();
      const filter = { ...NO_FILTER, action: 'key.updated' };
      assert.deepEqual(rest, { filter, fromChainSeq: 3, toChainSeq: 20 });
      assert.equal(api.gateway.usage.at(-1)?.bytes_out, Buffer.byteLength(text));
    });

    it('is nothing but a head for HEAD', async () => {
      let isClosed = false;
      api.answer = async function* () {
        try {
          yield* recordsOf(sentExport);
        } finally {
          isClosed = true;
        }
      };
      const { status, headers, text } = await api.ask('HEAD', `${AUDIT}/export`, { key });
      assert.deepEqual([status, headers.get('content-type'), text], [200, 'application/jsonl', '']);
      assert.ok(isClosed);
    });

    it('that breaks off is cut, and has no end', async () => {
      api.answer = async function* () {
        yield* recordsOf(Array.from({ length: 1000 }, () => sentExport[2] as object));
        throw new HokusaiError('unavailable', 'The audit service did not answer.');
      };
      await assert.rejects(get('export'), /terminated|fetch failed|socket/i);
    });

    it('goes at the pace of its reader, and ends when that has gone', async () => {
      let made = 0;
      const closed = Promise.withResolvers<void>();
      const event = { event: { ...sentEvent, body: 'x'.repeat(8192) } };
      api.answer = async function* () {
        try {
          for (; ; made += 1) yield await Promise.resolve(event);
        } finally {
          closed.resolve();
        }
      };
      const answer = await openExport();
      // As much as fits into the buffers of the connection, and no more.
      await eventually(async () => {
        const before = made;
        await new Promise((resolve) => setTimeout(resolve, 100));
        assert.equal(made, before);
      });
      assert.ok(made < 5000, `${made} records were made for a reader that reads nothing`);
      answer.destroy();
      await closed.promise;
      const { log } = api.gateway;
      assert.deepEqual(
        log.filter((line) => line.includes('client')),
        [],
      );
    });

    function openExport(): Promise<IncomingMessage> {
      const headers = { authorization: `Bearer ${key.key}` };
      return new Promise((resolve, reject) => {
        const request = httpRequest(`${api.gateway.url}${AUDIT}/export`, { headers }, resolve);
        request.on('error', reject).end();
      });
    }
  });
});
