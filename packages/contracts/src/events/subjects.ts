/**
 * Subjects and streams of the event bus: who may publish what, and what is kept for how long.
 * Deployments create the streams from this table; services never do.
 */

const DAY_MS = 24 * 60 * 60 * 1000;

export const SUBJECTS = {
  /** Batches of finished requests, gateway → usage and keys. */
  usageRequests: 'hokusai.usage.v1.requests',
  /** Announcements of a gateway's incarnation, gateway → usage. */
  usageGateways: 'hokusai.usage.v1.gateways',
} as const;

/** `hokusai.audit.v1.<source>.<action>`; the action's own dots stay. */
export function auditSubject(source: 'keys' | 'gateway' | 'audit', action: string): string {
  return `hokusai.audit.v1.${source}.${action}`;
}

/** `hokusai.keys.v1.events.<action>`, for the usage service and outside subscribers. */
export function keyEventSubject(action: string): string {
  return `hokusai.keys.v1.events.${action}`;
}

/** Where a consumer puts what it can't read after its last delivery. */
export function deadLetterSubject(stream: string): string {
  return `hokusai.deadletter.v1.${stream}`;
}

export interface StreamDefinition {
  name: string;
  subjects: readonly string[];
  maxAgeMs: number;
  /** Which message gives way at the stream's bound: the oldest, or the new one (refused to its publisher). */
  discard: 'old' | 'new';
  /** Upper bound of the stream on disk. */
  maxBytes: number;
}

const GIB = 1024 ** 3;

/** What consumers gave up. */
export const DEAD_LETTERS: StreamDefinition = {
  name: 'DEADLETTER',
  subjects: ['hokusai.deadletter.v1.>'],
  maxAgeMs: 30 * DAY_MS,
  discard: 'old',
  maxBytes: GIB,
};

export const STREAMS: readonly StreamDefinition[] = [
  {
    name: 'USAGE',
    subjects: ['hokusai.usage.v1.>'],
    maxAgeMs: 7 * DAY_MS,
    discard: 'old',
    maxBytes: 8 * GIB,
  },
  // What must not be lost. Whoever publishes to it keeps what it refuses.
  {
    name: 'AUDIT',
    subjects: ['hokusai.audit.v1.keys.>', 'hokusai.audit.v1.audit.>'],
    maxAgeMs: 30 * DAY_MS,
    discard: 'new',
    maxBytes: 8 * GIB,
  },
  // Apart, since anyone can have requests refused: a flood of those must not fill what changes of keys need.
  {
    name: 'AUDIT_GATEWAY',
    subjects: ['hokusai.audit.v1.gateway.>'],
    maxAgeMs: 30 * DAY_MS,
    discard: 'old',
    maxBytes: 2 * GIB,
  },
  {
    name: 'KEYS',
    subjects: ['hokusai.keys.v1.events.>'],
    maxAgeMs: 30 * DAY_MS,
    discard: 'new',
    maxBytes: GIB,
  },
  DEAD_LETTERS,
];

/** Durable consumers, by the service that owns each. */
export const CONSUMERS = {
  usageIngest: { stream: 'USAGE', durable: 'usage-ingest', filter: 'hokusai.usage.v1.>' },
  usageKeyProjection: { stream: 'KEYS', durable: 'usage-keys', filter: 'hokusai.keys.v1.events.>' },
  keysLastUsed: { stream: 'USAGE', durable: 'keys-last-used', filter: 'hokusai.usage.v1.requests' },
  auditAppend: { stream: 'AUDIT', durable: 'audit-append', filter: 'hokusai.audit.v1.>' },
  auditAppendGateway: {
    stream: 'AUDIT_GATEWAY',
    durable: 'audit-append-gateway',
    filter: 'hokusai.audit.v1.gateway.>',
  },
} as const;

/** What one NATS user may do: subjects to publish to and streams to consume by the named durable. */
export interface BusUser {
  name: 'keys' | 'gateway' | 'usage' | 'audit';
  publish: readonly string[];
  consume: readonly (typeof CONSUMERS)[keyof typeof CONSUMERS][];
}

export const BUS_USERS: readonly BusUser[] = [
  {
    name: 'gateway',
    publish: ['hokusai.usage.v1.>', 'hokusai.audit.v1.gateway.>', 'hokusai.keys.v1.events.quota.near'],
    consume: [],
  },
  {
    name: 'keys',
    publish: ['hokusai.audit.v1.keys.>', 'hokusai.keys.v1.events.>', 'hokusai.deadletter.v1.USAGE'],
    consume: [CONSUMERS.keysLastUsed],
  },
  {
    name: 'usage',
    publish: ['hokusai.deadletter.v1.USAGE', 'hokusai.deadletter.v1.KEYS'],
    consume: [CONSUMERS.usageIngest, CONSUMERS.usageKeyProjection],
  },
  {
    name: 'audit',
    publish: [
      'hokusai.audit.v1.audit.>',
      'hokusai.deadletter.v1.AUDIT',
      'hokusai.deadletter.v1.AUDIT_GATEWAY',
    ],
    consume: [CONSUMERS.auditAppend, CONSUMERS.auditAppendGateway],
  },
];

/** What the read-only user for subscribers outside this system may follow. */
export const SUBSCRIBER_SUBJECTS: readonly string[] = ['hokusai.audit.v1.>', 'hokusai.keys.v1.events.>'];

/** The streams that hold nothing but that: what a subscriber missed can be read from them. */
export const SUBSCRIBER_STREAMS: readonly StreamDefinition[] = STREAMS.filter(({ subjects }) =>
  subjects.every((subject) => SUBSCRIBER_SUBJECTS.some((followed) => covers(followed, subject))),
);

/** Whether `pattern`, which may end in `>`, matches all that `subject` does. */
function covers(pattern: string, subject: string): boolean {
  return pattern.endsWith('.>') ? subject.startsWith(pattern.slice(0, -1)) : subject === pattern;
}
