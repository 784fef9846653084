/**
 * SQL that selects rows of the log. What is asked for is a conjunction of conditions, each of which an index
 * serves together with the order by `chain_seq`; where one is a choice of several (a key that acted or was acted
 * on, what a member may see), each choice is a walk of its own that stops after as many rows as are wanted.
 */
import type { Reader } from '@hokusai/contracts';
import type { EventFilter } from '../domain/access.ts';
import type { RowRange } from '../domain/blocks.ts';
import { ROW_COLUMNS } from './rows.ts';

export interface Walk {
  range: RowRange;
  oldestFirst: boolean;
  limit: number;
}

export interface Statement {
  text: string;
  values: unknown[];
}

/** The rows of a range that the reader may see and the filter selects, in their order. */
export function selectRows(
  reader: Reader,
  filter: EventFilter,
  { range, oldestFirst, limit }: Walk,
): Statement {
  const { values, parameter } = parameters();
  const order = oldestFirst ? 'asc' : 'desc';
  const end = `order by chain_seq ${order} limit ${parameter(limit)}`;
  const { from, chainSeq } = sourceOf(filter);
  const common = [
    `${chainSeq} between ${parameter(range.first)} and ${parameter(range.last)}`,
    ...conditionsOf(reader, filter, parameter),
  ];
  const walks = choices(keyChoices(filter, parameter), viewChoices(reader, parameter)).map(
    (choice) => `(select ${chainSeq} ${from} where ${[...choice, ...common].join(' and ')} ${end})`,
  );
  const found = `select chain_seq from (${walks.join(' union ')}) as walked ${end}`;
  const text = `select ${ROW_COLUMNS} from audit_events as e
    where e.chain_seq = any(array(${found})) order by e.chain_seq ${order}`;
  return { text, values };
}

/** Whether the reader may see a row, as a condition on `audit_events as e`. */
export function visibleTo(reader: Reader, parameter: (value: unknown) => string): string {
  const views = viewChoices(reader, parameter);
  return views.length === 0 ? 'true' : `(${views.map((view) => `(${view})`).join(' or ')})`;
}

export function parameters(): { values: unknown[]; parameter: (value: unknown) => string } {
  const values: unknown[] = [];
  return { values, parameter: (value) => `$${values.push(value)}` };
}

/** By its address a row is found through its personal values; then theirs is the index that is walked. */
function sourceOf({ clientIp }: EventFilter): { from: string; chainSeq: string } {
  if (clientIp === null) return { from: 'from audit_events as e', chainSeq: 'e.chain_seq' };
  return {
    from: 'from personal_values as p join audit_events as e on e.chain_seq = p.chain_seq',
    chainSeq: 'p.chain_seq',
  };
}

function conditionsOf(reader: Reader, filter: EventFilter, parameter: (value: unknown) => string): string[] {
  const equal = (column: string, value: string | null) =>
    value === null ? [] : [`e.${column} = ${parameter(value)}`];
  return [
    ...equal('actor_user_id', filter.actorUserId),
    ...equal('target_id', filter.targetId),
    ...equal('action', filter.action),
    ...equal('outcome', filter.outcome),
    ...equal('request_id', filter.requestId),
    ...(filter.from ? [`e.occurred_at >= ${parameter(filter.from)}`] : []),
    ...(filter.to ? [`e.occurred_at < ${parameter(filter.to)}`] : []),
    ...(filter.clientIp === null ? [] : [`p.name = 'client_ip' and p.value = ${parameter(filter.clientIp)}`]),
    // Others' addresses are not a member's to see, nor to be guessed one by one.
    ...(filter.clientIp !== null && !reader.isAdmin ? equal('actor_user_id', reader.userId) : []),
  ];
}

/** The key that acted, or that was acted on. */
function keyChoices({ keyId }: EventFilter, parameter: (value: unknown) => string): string[] {
  if (keyId === null) return [];
  const id = parameter(keyId.toLowerCase());
  return [`e.actor_key_id = ${id}::uuid`, `e.target_type = 'key' and e.target_id = ${id}::text`];
}

/** A member sees what they did, and what was done to them or to keys of theirs; an admin everything. */
function viewChoices({ isAdmin, userId }: Reader, parameter: (value: unknown) => string): string[] {
  if (isAdmin) return [];
  const id = parameter(userId);
  return [
    `e.actor_user_id = ${id}::uuid`,
    `e.target_owner_id = ${id}::uuid`,
    `e.target_type = 'user' and e.target_id = ${id}::text`,
  ];
}

/** Every choice of the one with every choice of the other. */
function choices(some: readonly string[], others: readonly string[]): string[][] {
  const [first, second] = [some, others].map((list) => (list.length === 0 ? [[]] : list.map((one) => [one])));
  return (first as string[][]).flatMap((one) => (second as string[][]).map((other) => [...one, ...other]));
}
