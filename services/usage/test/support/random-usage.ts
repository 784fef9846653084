/** Requests and questions about them as they may come, close enough together to meet. */
import fc from 'fast-check';
import type { UsageSelection } from '../../src/domain/access.ts';
import { GRAIN_MS } from '../../src/domain/cover.ts';

/** The last midnight (UTC) but one: minutes, hours and days around it are over. */
export const MIDNIGHT_MS = Math.floor(Date.now() / GRAIN_MS.day) * GRAIN_MS.day - GRAIN_MS.day;
const SPAN_MS = 2 * GRAIN_MS.hour;

export const KEYS = ['0b9f4a54-3a3f-4a1c-8d38-3f2f6d1f7f10', '1b9f4a54-3a3f-4a1c-8d38-3f2f6d1f7f10'] as const;
export const USERS = [
  '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11',
  '6d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11',
] as const;
export const ENDPOINTS = ['/api/2.0/mlflow/runs/get', '/api/2.0/mlflow/runs/search'] as const;

/** From the midnight. A few minutes get most of the requests, so that these are rolled up again and again. */
const anyTimeMs = fc.oneof(
  fc.integer({ min: -SPAN_MS, max: SPAN_MS - 1 }),
  fc.integer({ min: -120_000, max: 120_000 }),
);

const anyRequest = fc.record({
  timestamp: anyTimeMs.map((ms) => new Date(MIDNIGHT_MS + ms).toISOString()),
  key_id: fc.constantFrom(...KEYS),
  user_id: fc.constantFrom(...USERS),
  endpoint: fc.constantFrom(...ENDPOINTS),
  method: fc.constantFrom('GET', 'POST'),
  client_ip: fc.constantFrom('192.0.2.1', '192.0.2.2'),
  status_code: fc.constantFrom(101, 200, 302, 404, 429, 500, 503),
  refusal: fc.constantFrom(null, null, 'rate_limited', 'key_revoked'),
  response_time_ms: fc.oneof(
    fc.double({ min: 0, max: 1e6, noNaN: true }),
    fc.constantFrom(0, 0.0005, 0.001, 1, 12.5, 1e12),
  ),
  bytes_in: fc.nat(),
  bytes_out: fc.nat(),
});

export const anyRequests = fc.array(anyRequest, { minLength: 1, maxLength: 12 });

export const anySelection: fc.Arbitrary<UsageSelection> = fc
  .record({
    keyId: fc.option(fc.constantFrom(...KEYS)),
    userId: fc.option(fc.constantFrom(...USERS)),
    endpoint: fc.option(fc.constantFrom(...ENDPOINTS)),
    edges: fc.tuple(anyTimeMs, anyTimeMs),
    unitMs: fc.constantFrom(1, 1000, GRAIN_MS.minute, GRAIN_MS.hour),
  })
  .map(({ edges, unitMs, ...filter }) => {
    const at = (ms: number) => new Date(MIDNIGHT_MS + Math.floor(ms / unitMs) * unitMs);
    return { ...filter, from: at(Math.min(...edges)), to: at(Math.max(...edges)) };
  });
