import assert from 'node:assert/strict';
import { auditEventEventSchema } from '@hokusai/contracts';
import fc from 'fast-check';
import { isUsual } from './usual-event.ts';

const ID = '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11';
const USUAL = {
  specversion: '1.0',
  id: ID,
  source: '/hokusai/keys/1',
  type: 'audit.v1.keys.key.created',
  time: '2025-01-31T12:00:00.000Z',
  datacontenttype: 'application/json',
  subject: 'x',
  traceparent: 'x',
  data: {
    action: 'key.created',
    outcome: 'success',
    occurred_at: '2025-01-31T12:00:00.000Z',
    actor: { user_id: ID, key_id: ID, key_prefix: 'x', via: 'grpc', service: 'x', host: 'x' },
    target: { type: 'key', id: ID, owner_user_id: ID },
    before: { name: 'x' },
    after: null,
    reason: null,
    count: 1,
    request_id: null,
    trace_id: 'x',
    personal: { client_ip: '192.0.2.1', email: 'x' },
  },
};

/** Where members are: the envelope, the event, and what is in it. */
const PLACES = [[], ['data'], ['data', 'actor'], ['data', 'target'], ['data', 'personal'], ['data', 'after']];
const value = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(undefined, '', ID, ID.toUpperCase(), ID.replace('-4a', '-0a'), 0, -1, 1.5, 2 ** 53, {}, []),
  fc.constantFrom('2025-02-29T12:00:00.000Z', '2025-01-31T24:00:00.000Z', '2025-01-31T12:00:00Z', '+002025'),
  fc.integer({ min: 1, max: 1001 }).map((length) => 'x'.repeat(length)),
  fc.constantFrom('failed', 'user', 'a.b', 'a', 'A.b', 'a.b\n', '__proto__'),
);
const name = fc.oneof(
  fc.constantFrom(...PLACES.flatMap((place) => Object.keys(membersAt(USUAL, place) ?? {}))),
  fc.constantFrom('other', 'display_name', 'os_user', 'constructor'),
);

function membersAt(event: object, place: readonly string[]): Record<string, unknown> | null {
  let members: unknown = event;
  for (const step of place) members = (members as Record<string, unknown> | null | undefined)?.[step];
  return (members ?? null) as Record<string, unknown> | null;
}

describe('the usual form of an event', () => {
  it('is that of an event with all that it may have', () => {
    assert.ok(isUsual(USUAL));
  });

  it('is none that the schema refuses or alters', () => {
    let usual = 0;
    const change = fc.tuple(fc.constantFrom(...PLACES), name, value);
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 2 }), (changes) => {
        const event = structuredClone(USUAL);
        for (const [place, member, to] of changes) {
          const members = membersAt(event, place);
          if (members === null || typeof members !== 'object') continue;
          if (to === undefined) delete members[member];
          else members[member] = to;
        }
        if (!isUsual(event)) return;
        usual += 1;
        assert.deepEqual(auditEventEventSchema.parse(event).data, event.data);
      }),
      { numRuns: 5000 },
    );
    assert.ok(usual > 100, `${usual} usual ones say little`);
  });
});
