/**
 * Compares what the keys service has committed with what the audit log says: each change has exactly one event, each
 * event its change, and what the events of a key say one after the other is the key as it stands. Pure.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  type Evidence,
  keyFacts,
  type LogRow,
  type RetiredSecret,
  userFacts,
  withoutPersonal,
} from './evidence.ts';
import type { Change, EventFacts, Row, WrittenEvent } from './recorder.ts';

/** Every difference, in words; none if all is well. */
export function differences(evidence: Evidence): string[] {
  return [
    ...betweenChangesAndEvents(evidence),
    ...betweenEventsAndLog(evidence),
    ...betweenLogAndRows(evidence),
    ...betweenLogAndWitnesses(evidence),
  ];
}

/** Within each transaction: one event for each change, which says what has changed. */
function betweenChangesAndEvents({ recording: { changes, events } }: Evidence): string[] {
  const done = Map.groupBy(
    events.filter(({ data }) => data.outcome === 'success'),
    ({ xid, data }) => `${xid} ${data.target?.type} ${data.target?.id}`,
  );
  const inTransaction = Map.groupBy(changes, ({ xid }) => xid);
  const problems: string[] = [];
  for (const change of changes) {
    const place = placeOf(change);
    const told = done.get(place) ?? [];
    done.delete(place);
    const expected = isPartOfAnother(change, inTransaction.get(change.xid) ?? []) ? 0 : 1;
    if (told.length !== expected) problems.push(`change ${place} has ${told.length} events, not ${expected}`);
    problems.push(...told.flatMap((event) => contentProblem(change, event)));
  }
  return [
    ...problems,
    ...[...done.keys()].map((place) => `an event tells of ${place}, which has not changed`),
  ];
}

const placeOf = ({ xid, kind, id }: Change) => `${xid} ${kind} ${id}`;

/** A user's change raises the versions of the user's keys, of which nothing else changes. */
function isPartOfAnother({ kind, before, after }: Change, sameTransaction: readonly Change[]): boolean {
  if (kind !== 'key' || before === null) return false;
  const ofOwner = sameTransaction.some((other) => other.kind === 'user' && other.id === after['user_id']);
  return ofOwner && isDeepStrictEqual({ ...before, version: null }, { ...after, version: null });
}

/** What an event says besides the facts that are compared. */
const REMARKS = new Set(['metadata_changed', 'previous_valid_until', 'retired_secrets']);

function contentProblem({ kind, id, before, after }: Change, { eventId, data }: WrittenEvent): string[] {
  const read = kind === 'key' ? keyFacts : userFacts;
  const shown = kind === 'key' ? (facts: Row) => facts : withoutPersonal;
  const changed = before === null ? beginning(read(after)) : differing(read(before), read(after));
  const expected = { before: shown(changed.before), after: shown(changed.after) };
  const said = { before: withoutRemarks(data.before), after: withoutRemarks(data.after) };
  const problems = isDeepStrictEqual(said, expected)
    ? []
    : [`event ${eventId} of ${id} says ${JSON.stringify(said)}, not ${JSON.stringify(expected)}`];
  const isMetadata = before !== null && !isDeepStrictEqual(before['metadata'], after['metadata']);
  if (isMetadata !== (data.after?.['metadata_changed'] === true))
    problems.push(`event ${eventId} of ${id} is wrong about its metadata`);
  return problems;
}

/** A key begins unrevoked, a user enabled: the first event doesn't say it. */
function beginning({ revoked_at: _, disabled: __, ...facts }: Row) {
  return { before: {}, after: facts };
}

function differing(before: Row, after: Row): { before: Row; after: Row } {
  const names = Object.keys(after).filter((name) => !isDeepStrictEqual(before[name], after[name]));
  const pick = (facts: Row) => Object.fromEntries(names.map((name) => [name, facts[name]]));
  return { before: pick(before), after: pick(after) };
}

function withoutRemarks(facts: Row | null): Row {
  return Object.fromEntries(Object.entries(facts ?? {}).filter(([name]) => !REMARKS.has(name)));
}

/** Each event that was written is in the log once, as it was written, and the log has no other of this service. */
function betweenEventsAndLog({ recording: { events }, log }: Evidence): string[] {
  const stored = Map.groupBy(log, ({ eventId }) => eventId);
  const written = new Set(events.map(({ eventId }) => eventId));
  const problems = events.flatMap(({ eventId, data }) => {
    const rows = stored.get(eventId) ?? [];
    if (rows.length !== 1) return [`event ${eventId} (${data.action}) is ${rows.length} times in the log`];
    const [said, written] = [factsOf((rows[0] as LogRow).body), factsOf(data)];
    if (isDeepStrictEqual(said, written)) return [];
    return [`event ${eventId} is ${JSON.stringify(written)}, in the log ${JSON.stringify(said)}`];
  });
  const unknown = log.filter(({ source, eventId }) => source === 'keys' && !written.has(eventId));
  const repeated = [...stored].filter(([, rows]) => rows.length > 1);
  return [
    ...problems,
    ...unknown.map(({ eventId, chainSeq }) => `row ${chainSeq}, event ${eventId}, was written by no change`),
    ...repeated.map(([eventId]) => `event ${eventId} is in the log more than once`),
  ];
}

function factsOf(event: EventFacts): EventFacts {
  const { action, outcome, occurred_at, actor, target, before, after, reason, count, request_id, trace_id } =
    event;
  return { action, outcome, occurred_at, actor, target, before, after, reason, count, request_id, trace_id };
}

/**
 * What the log says of each key and user, event after event, leads to how it stands; and begins with its making. By the
 * time of the events: rows of one key are in the order of its changes, unless a delivery had to be repeated.
 */
function betweenLogAndRows({ log, keys, users, retiredSecrets }: Evidence): string[] {
  const told = Map.groupBy(
    log
      .filter(({ body, source }) => source === 'keys' && body.outcome === 'success')
      .toSorted((one, other) => Date.parse(one.body.occurred_at) - Date.parse(other.body.occurred_at)),
    ({ body }) => `${body.target?.type} ${body.target?.id}`,
  );
  const secrets = Map.groupBy(retiredSecrets, ({ keyId }) => keyId);
  const problems = [
    ...keys.flatMap((row) => {
      const { state, ends, problems } = fold(told.get(`key ${row['id']}`) ?? [], { revoked_at: null });
      return [
        ...problems,
        ...stateProblem(`key ${row['id']}`, state, keyFacts(row)),
        ...graceProblem(String(row['id']), ends, secrets.get(String(row['id'])) ?? []),
      ];
    }),
    ...users.flatMap((row) => {
      const { state, problems } = fold(told.get(`user ${row['id']}`) ?? [], { disabled: false });
      return [...problems, ...stateProblem(`user ${row['id']}`, state, withoutPersonal(userFacts(row)))];
    }),
  ];
  const there = new Set([...keys.map(({ id }) => `key ${id}`), ...users.map(({ id }) => `user ${id}`)]);
  const unknown = [...told.keys()].filter((target) => !there.has(target));
  return [...problems, ...unknown.map((target) => `the log tells of ${target}, which is not there`)];
}

interface Folded {
  state: Row;
  /** By prefix: when the secret's grace ends. */
  ends: Map<string, string>;
  problems: string[];
}

function fold(rows: readonly LogRow[], start: Row): Folded {
  let state = start;
  const ends = new Map<string, string>();
  const problems: string[] = [];
  for (const [index, { chainSeq, body }] of rows.entries()) {
    if (body.action.endsWith('.created') !== (index === 0))
      problems.push(`row ${chainSeq}: ${body.action} is number ${index + 1} of its target`);
    for (const [name, value] of Object.entries(withoutRemarks(body.before))) {
      if (!isDeepStrictEqual(state[name], value))
        problems.push(
          `row ${chainSeq}: ${name} was ${JSON.stringify(value)}, after ${JSON.stringify(state[name])}`,
        );
    }
    noteGraces(ends, body);
    state = { ...state, ...withoutRemarks(body.after) };
  }
  return { state, ends, problems };
}

function noteGraces(ends: Map<string, string>, { before, after }: EventFacts): void {
  const until = after?.['previous_valid_until'];
  if (typeof until === 'string') ends.set(String(before?.['key_prefix']), until);
  const ended = (after?.['retired_secrets'] ?? {}) as Record<string, { valid_until: string }>;
  for (const [prefix, { valid_until }] of Object.entries(ended)) ends.set(prefix, valid_until);
}

function stateProblem(what: string, state: Row, facts: Row): string[] {
  const { before, after } = differing(state, facts);
  if (Object.keys(after).length === 0) return [];
  return [`${what} is ${JSON.stringify(after)}, by the log ${JSON.stringify(before)}`];
}

function graceProblem(keyId: string, ends: Map<string, string>, secrets: readonly RetiredSecret[]): string[] {
  const stored = new Map(secrets.map(({ keyPrefix, validUntil }) => [keyPrefix, validUntil]));
  const prefixes = [...new Set([...stored.keys(), ...ends.keys()])];
  return prefixes
    .filter((prefix) => stored.get(prefix) !== ends.get(prefix))
    .map(
      (prefix) =>
        `${prefix} of key ${keyId} works until ${stored.get(prefix)}, by the log ${ends.get(prefix)}`,
    );
}

/** The keys service has been told of each of its events where it stands, and of nothing else. */
function betweenLogAndWitnesses({ log, witnesses }: Evidence): string[] {
  const rows = new Map(log.map((row) => [row.eventId, row]));
  const problems = witnesses.flatMap(({ eventId, chainSeq, hash }) => {
    const row = rows.get(eventId);
    if (row?.chainSeq === chainSeq && row.hash === hash) return [];
    return [
      `the witness of event ${eventId} says row ${chainSeq}, the log ${row ? `row ${row.chainSeq}` : 'nothing'}`,
    ];
  });
  const witnessed = new Set(witnesses.map(({ eventId }) => eventId));
  const unwitnessed = log.filter(({ source, eventId }) => source === 'keys' && !witnessed.has(eventId));
  return [...problems, ...unwitnessed.map(({ eventId }) => `event ${eventId} has no witness`)];
}
