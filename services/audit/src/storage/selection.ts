/**
 * SQL that selects rows of the log. What is asked for is a conjunction of conditions, each of which has an index with
 * the order by `chain_seq`: a single one is walked, several are met window by window. Where one is a choice of several
 * (a key that acted or was acted on, what a member may see), each choice is looked for by itself, and ends after as
 * many rows as are wanted.
 */
import type { Reader } from '@hokusai/contracts';
import type { EventFilter } from '../domain/access.ts';
import { ROW_COLUMNS } from './rows.ts';
import { type Indexed, orderedWalk, type Parameter, type Walk, windowedWalk } from './walks.ts';

export interface Statement {
  text: string;
  values: unknown[];
}

/** The log takes no others. */
const OUTCOMES = ['success', 'refused', 'failed'];

/** The rows of a range that the reader may see and the filter selects, in their order. */
export function selectRows(reader: Reader, filter: EventFilter, walk: Walk): Statement {
  const { values, parameter } = parameters();
  const order = walk.oldestFirst ? 'asc' : 'desc';
  const walks = walksOf(reader, filter, walk, parameter);
  const found = `select chain_seq from (${walks.join(' union ')}) as walked
    order by chain_seq ${order} limit ${parameter(walk.limit)}`;
  const text = `select ${ROW_COLUMNS} from audit_events as e
    where e.chain_seq = any(array(${found})) order by e.chain_seq ${order}`;
  return { text, values };
}

/** One for each choice, and for each outcome of an action alone: of these the index has the order of the log. */
function walksOf(reader: Reader, filter: EventFilter, walk: Walk, parameter: Parameter): string[] {
  const own = conditionsOf(reader, filter, parameter);
  const times = timesOf(filter, parameter);
  // By an address a member finds only what they did, which is theirs to see.
  const views = filter.clientIp === null ? viewChoices(reader, parameter) : [];
  return choices(keyChoices(filter, parameter), views).flatMap((choice) => {
    const single = [...choice, ...own];
    if (single.length === 0 && filter.action !== null)
      return kindsOf(filter, parameter).map((kind) =>
        orderedWalk({ indexed: [kind], others: times }, walk, parameter),
      );
    const indexed = ofKind(single, filter, parameter);
    const find = indexed.length > 1 ? windowedWalk : orderedWalk;
    return [find({ indexed, others: times }, walk, parameter)];
  });
}

/** The conditions, and the kind: where an index has it beside its own columns, it is looked up there. */
function ofKind(single: readonly Indexed[], filter: EventFilter, parameter: Parameter): Indexed[] {
  if (filter.action === null && filter.outcome === null) return [...single];
  const covering = single.find(({ coversKind }) => coversKind);
  if (!covering) return [...single, kindOf(filter, parameter)];
  const isOfKind = kindIn(filter, parameter);
  const both = { ...covering, isMet: (row: string) => `${covering.isMet(row)} and ${isOfKind(row)}` };
  return [both, ...single.filter((each) => each !== covering)];
}

/** Whether the reader may see a row, as a condition on `audit_events as e`. */
export function visibleTo(reader: Reader, parameter: Parameter): string {
  const views = viewChoices(reader, parameter).map(({ isMet }) => isMet('e'));
  return views.length === 0 ? 'true' : `(${views.join(' or ')})`;
}

export function parameters(): { values: unknown[]; parameter: Parameter } {
  const values: unknown[] = [];
  return { values, parameter: (value) => `$${values.push(value)}` };
}

/** Each with an index of its own. */
function conditionsOf(reader: Reader, filter: EventFilter, parameter: Parameter): Indexed[] {
  const { clientIp } = filter;
  const equal = (column: string, value: string | null, on = covering) =>
    value === null ? [] : [on(`${column} = ${parameter(value)}`)];
  const address = (value: string): Indexed => {
    const is = parameter(value);
    return { table: 'personal_values', isMet: (row) => `${row}.name = 'client_ip' and ${row}.value = ${is}` };
  };
  return [
    ...equal('actor_user_id', filter.actorUserId),
    ...equal('target_id', filter.targetId),
    ...equal('request_id', filter.requestId, onEvents),
    ...(clientIp === null ? [] : [address(clientIp)]),
    // Others' addresses are not a member's to see, nor to be guessed one by one.
    ...(clientIp !== null && !reader.isAdmin ? equal('actor_user_id', reader.userId) : []),
  ];
}

function onEvents(...conditions: readonly string[]): Indexed {
  const isMet = (row: string) => conditions.map((condition) => `${row}.${condition}`).join(' and ');
  return { table: 'audit_events', isMet };
}

/** What of `audit_events_action_idx` an action is: with the outcome asked for, or with each. */
function kindsOf({ action, outcome }: EventFilter, parameter: Parameter): Indexed[] {
  const is = parameter(action);
  return (outcome === null ? OUTCOMES : [outcome]).map((one) =>
    onEvents(`action = ${is}`, `outcome = ${parameter(one)}`),
  );
}

/** As one condition: of an action, of an outcome, or of both. */
function kindOf(filter: EventFilter, parameter: Parameter): Indexed {
  if (filter.action === null) return onEvents(`outcome = ${parameter(filter.outcome)}`);
  const kinds = kindsOf(filter, parameter);
  return {
    table: 'audit_events',
    isMet: (row) => `(${kinds.map(({ isMet }) => isMet(row)).join(' or ')})`,
  };
}

/** The same for entries of another index: the planner must not take it for a matter of the kinds' own. */
function kindIn({ action, outcome }: EventFilter, parameter: Parameter): (row: string) => string {
  const hidden = (column: string, value: string | null) =>
    value === null ? [] : [`${column} || '' = ${parameter(value)}`];
  return onEvents(...hidden('action', action), ...hidden('outcome', outcome)).isMet;
}

function timesOf({ from, to }: EventFilter, parameter: Parameter): string[] {
  return [
    ...(from ? [`e.occurred_at >= ${parameter(from)}`] : []),
    ...(to ? [`e.occurred_at < ${parameter(to)}`] : []),
  ];
}

/** The key that acted, or that was acted on. */
function keyChoices({ keyId }: EventFilter, parameter: Parameter): Indexed[] {
  if (keyId === null) return [];
  const id = parameter(keyId.toLowerCase());
  return [covering(`actor_key_id = ${id}::uuid`), covering(`target_id = ${id}::text`, `target_type = 'key'`)];
}

/** A member sees what they did, and what was done to them or to keys of theirs; an admin everything. */
function viewChoices({ isAdmin, userId }: Reader, parameter: Parameter): Indexed[] {
  if (isAdmin) return [];
  const id = parameter(userId);
  return [
    covering(`actor_user_id = ${id}::uuid`),
    covering(`target_owner_id = ${id}::uuid`),
    covering(`target_id = ${id}::text`, `target_type = 'user'`),
  ];
}

function covering(...conditions: readonly string[]): Indexed {
  return { ...onEvents(...conditions), coversKind: true };
}

/** Every choice of the one with every choice of the other. */
function choices<One>(some: readonly One[], others: readonly One[]): One[][] {
  const [first, second] = [some, others].map((list) => (list.length === 0 ? [[]] : list.map((one) => [one])));
  return (first as One[][]).flatMap((one) => (second as One[][]).map((other) => [...one, ...other]));
}
