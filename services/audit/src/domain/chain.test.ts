import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  bodyOf,
  type ChainHead,
  type ChainRow,
  ChainVerifier,
  chainHash,
  EMPTY_CHAIN,
} from '@hokusai/audit-chain';
import type { AuditEvent } from '@hokusai/contracts';
import fc from 'fast-check';
import { appendToChain, type IncomingEvent, prepareEvent } from './chain.ts';

const STORED_AT = new Date('2025-01-15T12:00:01.500Z');

const EVENT: AuditEvent = {
  action: 'key.created',
  outcome: 'success',
  occurred_at: '2025-01-15T12:00:00Z',
  actor: { user_id: '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11', key_id: null, key_prefix: null, via: 'gateway' },
  target: { type: 'key', id: '0b9f4a54-3a3f-4a1c-8d38-3f2f6d1f7f10' },
  before: null,
  after: { name: 'notebook', scopes: ['mlflow:read'] },
  reason: null,
  count: 1,
  request_id: 'r-1',
  trace_id: null,
  personal: { client_ip: '192.0.2.1' },
};

/** As deterministic as a test vector must be. */
const randomBytes = (size: number) => new Uint8Array(size).fill(7);

function rowsAfter(head: ChainHead, events: readonly IncomingEvent[]): ChainRow[] {
  const prepared = events.map((event) => prepareEvent(event, randomBytes));
  return appendToChain(head, prepared, STORED_AT);
}

function incoming(number: number, event: Partial<AuditEvent> = {}): IncomingEvent {
  const eventId = `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
  return { eventId, source: 'keys', origin: '/hokusai/keys/1', event: { ...EVENT, ...event } };
}

const chainOf = (count: number) =>
  rowsAfter(
    EMPTY_CHAIN,
    Array.from({ length: count }, (_, index) => incoming(index + 1)),
  );

function firstFault(rows: readonly ChainRow[], head = rows.at(-1) ?? EMPTY_CHAIN): number | undefined {
  const verifier = new ChainVerifier(EMPTY_CHAIN);
  for (const row of rows) {
    const fault = verifier.next(row);
    if (fault) return fault.chainSeq;
  }
  return verifier.end(head)?.chainSeq;
}

/** The row with another body, and a hash that fits it. */
function forged(row: ChainRow): ChainRow {
  const body = row.body.replace('notebook', 'forgery!');
  return { ...row, body, hash: chainHash(row.previousHash, body) };
}

describe('the audit chain', () => {
  it('gives the published test vector', () => {
    const [first, second] = chainOf(2) as [ChainRow, ChainRow];
    assert.equal(
      first.body,
      '{"action":"key.created","actor":{"key_id":null,"key_prefix":null,"user_id":"5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11","via":"gateway"},"after":{"name":"notebook","scopes":["mlflow:read"]},"before":null,"chain_seq":1,"count":1,"event_id":"00000000-0000-4000-8000-000000000001","occurred_at":"2025-01-15T12:00:00.000Z","origin":"/hokusai/keys/1","outcome":"success","personal":{"client_ip":"38add40890c908d40210e26b5fdf6143d0fbb4895b4c1fbe540da32b13baa297"},"reason":null,"request_id":"r-1","source":"keys","stored_at":"2025-01-15T12:00:01.500Z","target":{"id":"0b9f4a54-3a3f-4a1c-8d38-3f2f6d1f7f10","type":"key"},"trace_id":null,"version":1}',
    );
    assert.equal(
      Buffer.from(first.hash).toString('hex'),
      'bd883ca64e71f7829add3c1b4691dcabe1448ae76b426882efd1eace00279868',
    );
    assert.equal(
      Buffer.from(second.hash).toString('hex'),
      'f33a13cee62d8ab47b2cabd106aa149ed501750fb7551430fcf54fff9af63e90',
    );
  });

  it('binds each row to its predecessor by SHA-256 over hash and body', () => {
    const [first, second] = chainOf(2) as [ChainRow, ChainRow];
    assert.deepEqual(Buffer.from(first.previousHash), Buffer.alloc(32));
    const expected = createHash('sha256').update(first.hash).update(Buffer.from(second.body)).digest();
    assert.deepEqual(Buffer.from(second.hash), expected);
  });

  it('keeps personal values out of the body', () => {
    const [row] = chainOf(1) as [ChainRow];
    assert.ok(!row.body.includes('192.0.2.1'));
    assert.equal(row.personal[0]?.value, '192.0.2.1');
    assert.equal(row.personal[0]?.salt.length, 32);
  });

  it('stores what Postgres and canonical JSON refuse as replacement characters', () => {
    const [row] = rowsAfter(EMPTY_CHAIN, [incoming(1, { reason: 'a\0b\uD800c' })]);
    assert.equal(JSON.parse((row as ChainRow).body).reason, 'a\uFFFDb\uFFFDc');
  });

  it('holds no key, wherever an event brings one', () => {
    const key = `hk_live_${'0123456789AB'.repeat(5).slice(0, 50)}`;
    const event = { reason: `lost ${key}`, after: { notes: [key] }, personal: { user_agent: key } };
    const [row] = rowsAfter(EMPTY_CHAIN, [incoming(1, event)]);
    assert.ok(!JSON.stringify(row).includes(key));
    assert.equal(JSON.parse((row as ChainRow).body).reason, 'lost hk_live_0123456789AB');
  });

  it('verifies, whatever the events hold and however they are batched', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 });
    const event = fc.record({
      reason: fc.option(text),
      after: fc.option(fc.dictionary(text, fc.jsonValue() as fc.Arbitrary<null>)),
      personal: fc.record({ client_ip: text, user_agent: text }, { requiredKeys: [] }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(event, { maxLength: 4 }), { maxLength: 4 }), (batches) => {
        const rows: ChainRow[] = [];
        for (const batch of batches) {
          const events = batch.map((one, index) =>
            incoming(rows.length + index + 1, one as Partial<AuditEvent>),
          );
          rows.push(...rowsAfter(rows.at(-1) ?? EMPTY_CHAIN, events));
        }
        assert.deepEqual(
          rows.map(({ chainSeq }) => chainSeq),
          rows.map((_, index) => index + 1),
        );
        assert.equal(firstFault(rows), undefined);
        for (const { body } of rows) assert.equal(bodyOf(JSON.parse(body)), body);
      }),
    );
  });

  const anyRow = fc.integer({ min: 2, max: 9 });
  /** What is done to row `at` of ten; the first bad row is `at` in each case. */
  const tampering: Record<string, (rows: ChainRow[], at: number) => ChainRow[]> = {
    'an altered body': (rows, at) =>
      change(rows, at, (row) => ({ body: row.body.replace('notebook', 'other') })),
    'a body that is no JSON, with a hash that fits': (rows, at) =>
      change(rows, at, (row) => ({ body: 'x', hash: chainHash(row.previousHash, 'x') })),
    'a body altered together with its hash': (rows, at) => change(rows, at, forged),
    'an altered column': (rows, at) =>
      change(rows, at, (row) => ({ columns: { ...row.columns, action: 'key.read' } })),
    'an altered event id': (rows, at) => change(rows, at, () => ({ eventId: incoming(99).eventId })),
    'an altered personal value': (rows, at) =>
      change(rows, at, (row) => ({
        personal: row.personal.map((one) => ({ ...one, value: '198.51.100.1' })),
      })),
    'an altered predecessor hash': (rows, at) =>
      change(rows, at, () => ({ previousHash: new Uint8Array(32) })),
    'a removed row': (rows, at) => rows.filter(({ chainSeq }) => chainSeq !== at),
    'removed rows at the end': (rows, at) => rows.slice(0, at - 1),
    'a removed row whose successors moved up': (rows, at) =>
      rows
        .filter(({ chainSeq }) => chainSeq !== at)
        .map((row) => (row.chainSeq > at ? { ...row, chainSeq: row.chainSeq - 1 } : row)),
    'an inserted row whose successors moved down': (rows, at) => {
      const before = rows[at - 2] as ChainRow;
      const inserted = rowsAfter(before, [incoming(50)]);
      const moved = rows.slice(at - 1).map((row) => ({ ...row, chainSeq: row.chainSeq + 1 }));
      return [...rows.slice(0, at - 1), ...inserted, ...moved];
    },
  };

  function change(rows: ChainRow[], at: number, fields: (row: ChainRow) => Partial<ChainRow>): ChainRow[] {
    return rows.map((row) => (row.chainSeq === at ? { ...row, ...fields(row) } : row));
  }

  for (const [name, tamper] of Object.entries(tampering))
    it(`names the row of ${name}`, () => {
      fc.assert(
        fc.property(anyRow, (at) => {
          const rows = chainOf(10);
          const head = rows.at(-1) as ChainRow;
          const found = firstFault(tamper(rows, at), head);
          // An insertion shows where the chain stops fitting: at the inserted row or at the one behind it.
          assert.ok(
            found === at || (name.startsWith('an inserted') && found === at + 1),
            `${found} for ${at}`,
          );
        }),
      );
    });

  it('names a last row that was replaced together with its hash', () => {
    const rows = chainOf(3);
    const head = rows[2] as ChainRow;
    assert.equal(firstFault([...rows.slice(0, 2), forged(head)], head), 3);
  });

  it('names a row that stands behind the end', () => {
    assert.equal(firstFault(chainOf(4), chainOf(3)[2]), 4);
  });

  it('stays whole when personal values are erased', () => {
    assert.equal(firstFault(chainOf(5).map((row) => ({ ...row, personal: [] }))), undefined);
  });
});
