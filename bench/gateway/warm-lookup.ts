/** What the authentication of a request with a key in use costs the process: its look-up and the decision. */
import { CachedKeyLookup } from '../../services/gateway/src/cache/key-lookup.ts';
import { L1 } from '../../services/gateway/src/cache/l1.ts';
import { newLookupCounts } from '../../services/gateway/src/cache/lookup-counts.ts';
import { Outage } from '../../services/gateway/src/cache/outage.ts';
import { SharedProofPlaces } from '../../services/gateway/src/cache/proof-places.ts';
import { SingleFlight } from '../../services/gateway/src/cache/single-flight.ts';
import { decide } from '../../services/gateway/src/domain/decision.ts';
import type { KeyState } from '../../services/gateway/src/domain/key-state.ts';
import { Trust } from '../../services/gateway/src/domain/trust.ts';
import { atMost, type Row, type Target } from '../lib/report.ts';
import { medianOf } from '../lib/statistics.ts';

const LIMIT_US = 20;
const LOOKUPS = 20_000;
const ROUNDS = 15;
const KEYS = 10_000;
const CLIENT = '203.0.113.7';
const TTL_MS = 300_000;

const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const read = () => ({ epoch: 'e', cut: 1n, readAtMs: Date.now() });

/** Of one key in use, and of many in turn, all in the memory of the process. */
export async function measureWarmLookup(): Promise<{ rows: Row[]; targets: Target[] }> {
  const { lookup, hearNews } = openLookup();
  const keys = Array.from({ length: KEYS }, (_, index) => `hk_live_${String(index).padStart(50, '0')}`);
  const one = await perLookup(lookup, keys.slice(0, 1), hearNews);
  const many = await perLookup(lookup, keys, hearNews);
  const rows = [
    { name: 'warm look-up and decision, one key', value: one, unit: 'µs of CPU' },
    { name: `warm look-up and decision, ${KEYS} keys in turn`, value: many, unit: 'µs of CPU' },
  ];
  return { rows, targets: [atMost('warm look-up and decision in µs of CPU', LIMIT_US, Math.max(one, many))] };
}

/** Microseconds of processor time, which neighbours don't add to; the middle one of several rounds. */
async function perLookup(
  lookup: CachedKeyLookup,
  keys: readonly string[],
  hearNews: () => void,
): Promise<number> {
  const rounds: number[] = [];
  // The first one reads the keys and warms up.
  for (let round = -1; round < ROUNDS; round += 1) {
    hearNews();
    const start = process.cpuUsage();
    for (let count = 0; count < LOOKUPS; count += 1) await serve(lookup, keys[count % keys.length] as string);
    const { user, system } = process.cpuUsage(start);
    if (round >= 0) rounds.push((user + system) / LOOKUPS);
  }
  return medianOf(rounds);
}

async function serve(lookup: CachedKeyLookup, key: string): Promise<void> {
  const found = await lookup.find(key, 'request', CLIENT);
  if (!found || decide(found, { clientIp: CLIENT, scope: 'mlflow:read' }))
    throw new Error('a key was refused');
}

function openLookup(): { lookup: CachedKeyLookup; hearNews: () => void } {
  const trust = new Trust({ staleMs: 60_000, stateTtlMs: TTL_MS, heardCapacity: 1000 }, clock);
  const stream = trust.openStream();
  let ticks = 0n;
  const hearNews = () => {
    ticks += 1n;
    trust.applyTick(stream, { number: ticks, echo: trust.nextPing().number, read: read(), changes: [] });
  };
  const outage = new Outage({ graceMs: 0, clock, logger: { info: fail, warn: fail } as never });
  const lookup = new CachedKeyLookup({
    ...{ trust, outage, clock, staleMs: 60_000, counts: newLookupCounts(), flights: new SingleFlight(clock) },
    places: new SharedProofPlaces({}),
    l1: new L1({ maxEntries: 2 * KEYS, negativeTtlMs: 10_000 }, clock),
    l2: { get: () => Promise.resolve(undefined), put: () => {} },
    keys: {
      validate: (key) =>
        Promise.resolve({ proof: { keyId: key, keyPrefix: key.slice(0, 20) }, state: stateOf(key) }),
      getState: (keyId) => Promise.resolve(stateOf(keyId)),
    },
  });
  return { lookup, hearNews };
}

function stateOf(key: string): KeyState {
  return {
    ...{ keyId: key, version: 1n, name: 'bench', environment: 'live', isActive: true },
    ...{ revokedAtMs: null, revokedReason: null, expiresAtMs: null },
    acceptedSecrets: [{ keyPrefix: key.slice(0, 20), validUntilMs: null }],
    scopes: ['mlflow:read', 'mlflow:write'],
    limits: { ratePerHour: 20_000, burst: 100, burstWindowSeconds: 1 },
    allowedIps: ['203.0.113.0/24'],
    owner: { userId: 'u', displayName: 'Ada', role: 'member', disabledAtMs: null, rateLimitPerHour: null },
    read: read(),
  };
}

function fail(): never {
  throw new Error('nothing fails here');
}
