import assert from 'node:assert/strict';
import fc from 'fast-check';
import { HokusaiError } from '../errors.ts';
import { readUsageBatch } from './read-usage.ts';
import { type UsageBatch, type UsageRequest, usageBatchEventSchema } from './usage.ts';

const KEY = '0b9f4a54-3a3f-4a1c-8d38-3f2f6d1f7f10';

function requestOf(sequence: number): UsageRequest {
  return {
    sequence,
    key_id: KEY,
    secret_prefix: 'hk_live_0123456789AB',
    user_id: KEY,
    upstream: 'mlflow',
    endpoint: '/api/2.0/mlflow/runs/get',
    method: 'GET',
    timestamp: '2026-01-01T12:00:00.000Z',
    response_time_ms: 12.5,
    first_byte_ms: 11,
    status_code: 200,
    refusal: null,
    bytes_in: 10,
    bytes_out: 1200,
    client_ip: '192.0.2.1',
    user_agent_family: 'curl',
    request_id: 'r',
    trace_id: null,
  };
}

const refusal = { minute: '2026-01-01T12:00:00Z', reason: 'no_key', client_ip: '192.0.2.1', count: 3 };

function messageOf(batch: object) {
  const time = '2026-01-01T12:00:00.000Z';
  const envelope = { specversion: '1.0', id: 'i', source: '/hokusai/gateway/g', type: 't', time };
  return { ...envelope, datacontenttype: 'application/json', data: batch };
}

function batchOf(length: number): UsageBatch {
  const requests = Array.from({ length }, (_, index) => requestOf(7 + index));
  return { incarnation: KEY, gateway: 'g', from: 7, to: 6 + length, requests, refusals: [refusal] };
}

/** Values that a field may hold by mistake, some of them right for some field. */
const wrong = fc.oneof(
  fc.constantFrom(null, undefined, '', 'x'.repeat(40), 'x'.repeat(300), 0, -1, 1.5, 99, 2 ** 53, Infinity),
  fc.constantFrom(KEY.toUpperCase(), '2026-02-30T12:00:00Z', '2026-01-01T12:00:00+01:00', '2026-01-01'),
  fc.constantFrom<unknown>({}, [], [null], Array(10_001).fill(null)),
  fc.string(),
);

/** Where in a message: as a chain of names. */
const places = [
  ...['specversion', 'id', 'time', 'data', 'traceparent'].map((name) => [name]),
  ...Object.keys(batchOf(1)).map((name) => ['data', name]),
  ...Object.keys(requestOf(1)).map((name) => ['data', 'requests', '1', name]),
  ...Object.keys(refusal).map((name) => ['data', 'refusals', '0', name]),
  ['data', 'requests', '1'],
  ['data', 'beyond'],
];

function withValue(json: unknown, [name = '', ...rest]: readonly string[], value: unknown): unknown {
  const copy = (Array.isArray(json) ? [...json] : { ...(json as object) }) as Record<string, unknown>;
  copy[name] = rest.length === 0 ? value : withValue(copy[name], rest, value);
  return copy;
}

const fails = (pattern: RegExp) => (error: unknown) =>
  error instanceof HokusaiError && error.code === 'unprocessable' && pattern.test(error.message);

describe('readUsageBatch', () => {
  it('accepts just what the schema does', () => {
    fc.assert(
      fc.property(fc.nat(3), fc.constantFrom(...places), wrong, (length, place, value) => {
        const message = withValue(messageOf(batchOf(2 + length)), place, value);
        const expected = usageBatchEventSchema.safeParse(message);
        if (expected.success) assert.deepEqual(readUsageBatch(message), expected.data.data);
        else assert.throws(() => readUsageBatch(message), fails(/./));
      }),
      { numRuns: 3000 },
    );
  });

  it('says what is wrong where', () => {
    const message = messageOf(batchOf(3));
    const at = (place: readonly string[], value: unknown) => () =>
      readUsageBatch(withValue(message, place, value));
    assert.throws(
      at(['data', 'requests', '1', 'endpoint'], 'x'.repeat(2 ** 20)),
      fails(/data\.requests\[1\]\.endpoint: Too big: expected string to have <=256 characters/),
    );
    assert.throws(at(['data', 'to'], 12), fails(/data: from … to must number the requests exactly/));
    assert.throws(
      at(['data', 'requests', '2', 'sequence'], 8),
      fails(/data\.requests\[2\]: .*consecutively/),
    );
    assert.throws(() => readUsageBatch(undefined), fails(/expected object/));
  });

  it('refuses a hundred thousand requests at once, and ten thousand wrong ones at the first', () => {
    const of = (length: number) => ({ ...batchOf(0), to: 6 + length, requests: Array(length).fill({}) });
    assert.throws(() => readUsageBatch(messageOf(of(100_000))), fails(/^[^;]*data\.requests: Too big[^;]*$/));
    assert.throws(() => readUsageBatch(messageOf(of(10_000))), fails(/^[^;]*requests\[0\]\.sequence[^;]*$/));
  });
});
