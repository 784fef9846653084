/** The lists that are measured. */
import { toTimestamp } from '@hokusai/contracts';
import type { ListKeysRequest } from '@hokusai/contracts/gen/keys/v1/ListKeysRequest';

/** What there is to ask for in a seeded database. */
export interface Facts {
  /** Users with some twenty keys each. */
  userIds: readonly string[];
  /** The user with a twentieth of all keys. */
  robotId: string;
  /** Names of single keys. */
  names: readonly string[];
  /** A cursor past nine tenths of the list that the request asks for. */
  deepCursor(request: Omit<ListKeysRequest, 'caller'>, round: number): string;
}

export interface ListCase {
  name: string;
  request: (facts: Facts, round: number) => Omit<ListKeysRequest, 'caller'>;
}

const DAY_MS = 24 * 60 * 60 * 1000;
const inDays = (days: number) => toTimestamp(new Date(Date.now() + days * DAY_MS));
const pick = (items: readonly string[], round: number) => items[round % items.length] as string;

const active = { state: 'KEY_STATE_FILTER_ACTIVE' } as const;
const expired = { state: 'KEY_STATE_FILTER_EXPIRED' } as const;
const revoked = { state: 'KEY_STATE_FILTER_REVOKED' } as const;
const test = { environment: 'ENVIRONMENT_TEST' } as const;
const live = { environment: 'ENVIRONMENT_LIVE' } as const;
const unused = () => ({ unusedSince: inDays(-90) });
const longUnused = () => ({ unusedSince: inDays(-700) });
const expiring = () => ({ expiresBefore: inDays(14) });
const longExpired = () => ({ expiresBefore: inDays(-700) });

const fixed = (name: string, request: () => Omit<ListKeysRequest, 'caller'>): ListCase[] => [
  { name, request },
  {
    name: `${name}, deep`,
    request: (facts, round) => {
      const asked = request();
      return { ...asked, cursor: facts.deepCursor(asked, round) };
    },
  },
];

export const LIST_CASES: readonly ListCase[] = [
  ...fixed('all', () => ({})),
  ...fixed('active', () => active),
  ...fixed('expired', () => expired),
  ...fixed('revoked', () => revoked),
  ...fixed('live', () => live),
  ...fixed('test', () => test),
  ...fixed('scope mlflow:read', () => ({ scope: 'mlflow:read' })),
  ...fixed('scope keys:write', () => ({ scope: 'keys:write' })),
  ...fixed('scope admin', () => ({ scope: 'admin' })),
  ...fixed('unused for 90 days', unused),
  ...fixed('unused for 700 days', longUnused),
  ...fixed('expires within 14 days', expiring),
  ...fixed('expired 700 days ago', longExpired),
  { name: 'user', request: ({ userIds }, round) => ({ userId: pick(userIds, round) }) },
  { name: 'user with many keys', request: ({ robotId }) => ({ userId: robotId }) },
  { name: 'name of one key', request: ({ names }, round) => ({ nameContains: pick(names, round) }) },
  ...fixed('name of two letters that begin no word', () => ({ nameContains: 'zq' })),
  ...fixed('name of a fifth', () => ({ nameContains: 'Vision' })),
  ...fixed('active, unused for 90 days', () => ({ ...active, ...unused() })),
  ...fixed('active, unused for 700 days', () => ({ ...active, ...longUnused() })),
  ...fixed('active, expires within 14 days', () => ({ ...active, ...expiring() })),
  ...fixed('active, live, unused, expiring', () => ({ ...active, ...live, ...unused(), ...expiring() })),
  ...fixed('test, active', () => ({ ...test, ...active })),
  ...fixed('test, expired', () => ({ ...test, ...expired })),
  ...fixed('test, unused for 90 days', () => ({ ...test, ...unused() })),
  ...fixed('test, active, expires within 14 days', () => ({ ...test, ...active, ...expiring() })),
  ...fixed('test, expired 700 days ago', () => ({ ...test, ...longExpired() })),
  ...fixed('scope keys:write, active', () => ({ scope: 'keys:write', ...active })),
  ...fixed('scope keys:write, expires within 14 days', () => ({ scope: 'keys:write', ...expiring() })),
  ...fixed('scope mlflow:read, active, unused', () => ({ scope: 'mlflow:read', ...active, ...unused() })),
  {
    name: 'user, active, unused for 90 days',
    request: ({ userIds }, round) => ({ userId: pick(userIds, round), ...active, ...unused() }),
  },
  { name: 'user with many keys, active', request: ({ robotId }) => ({ userId: robotId, ...active }) },
  { name: 'user with many keys, expired', request: ({ robotId }) => ({ userId: robotId, ...expired }) },
  {
    name: 'name of one key, active, unused',
    request: ({ names }, round) => ({ nameContains: pick(names, round), ...active, ...unused() }),
  },
];

/**
 * Combinations in which one filter's index leads through many keys that the other one passes over. They grow with
 * the number of those: no targets, but numbers to know.
 */
export const GROWING_CASES: readonly ListCase[] = [
  ...fixed('scope keys:write, unused for 700 days', () => ({ scope: 'keys:write', ...longUnused() })),
  ...fixed('name of a fifth, active, expires within 14 days', () => ({
    ...{ nameContains: 'vision', ...active, ...expiring() },
  })),
  ...fixed('name of two words that never meet', () => ({ nameContains: 'speech vision' })),
  {
    name: 'user with many keys, expired 700 days ago',
    request: ({ robotId }) => ({ userId: robotId, ...longExpired() }),
  },
  {
    name: 'user with many keys, unused for 700 days',
    request: ({ robotId }) => ({ userId: robotId, ...longUnused() }),
  },
];
