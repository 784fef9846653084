/** Events of the audit log for people. */
import type { AuditEvent } from '../../api/audit-schemas.ts';
import { type Detail, detailLines } from '../../output/details.ts';
import { momentFromNow, momentToSecond } from '../../output/moments.ts';
import type { Emphasis, Paper } from '../../output/style.ts';
import type { Column } from '../../output/table.ts';

const OUTCOME_EMPHASIS: Readonly<Record<string, Emphasis>> = { refused: 'yellow', failed: 'red' };

export const eventColumns: readonly Column<AuditEvent>[] = [
  { title: 'when', cell: (event) => momentToSecond(event.occurred_at) },
  { title: 'action', cell: actionOf },
  {
    title: 'outcome',
    cell: (event) => event.outcome,
    emphasis: ({ outcome }) => OUTCOME_EMPHASIS[outcome],
  },
  { title: 'by', cell: actorOf, minWidth: 12, dispensable: 2 },
  { title: 'target', cell: targetOf, minWidth: 12, dispensable: 1 },
  { title: 'from', cell: ({ personal }) => personal['client_ip'] ?? '', dispensable: 4 },
  { title: 'row', cell: (event) => String(event.chain_seq), isNumber: true, dispensable: 3 },
  { title: 'id', cell: (event) => event.id },
];

/** One event on one line, as it comes. */
export function eventLine(event: AuditEvent): string {
  const { occurred_at: at, outcome, reason, personal } = event;
  const address = personal['client_ip'];
  const parts = [
    momentToSecond(at),
    actionOf(event),
    outcome,
    `by ${actorOf(event)}`,
    event.target ? `on ${targetOf(event)}` : '',
    address === undefined ? '' : `from ${address}`,
    reason === null ? '' : `(${reason})`,
  ];
  return parts.filter((part) => part !== '').join('  ');
}

export function eventDetails(event: AuditEvent, nowMs: number, paper: Paper): string {
  const { actor, target, personal, altered_columns: altered } = event;
  return detailLines(
    [
      ['Id', event.id],
      ['Action', actionOf(event)],
      ['Outcome', event.outcome],
      ['Altered', altered ? `${altered.join(', ')}: shown as it was stored, see hokusai audit verify` : null],
      ['Happened', momentFromNow(event.occurred_at, nowMs)],
      ['Reason', event.reason],
      ['User', actor.user_id ?? 'nobody that is known'],
      ['Key', [actor.key_prefix, actor.key_id].filter((part) => part !== null).join(' ') || null],
      ['Through', doorOf(event)],
      ['Target', target && `${target.type} ${target.id}`],
      ['Owner', target?.owner_user_id ?? null],
      ...changesOf(event),
      ...Object.entries(personal).map(([name, value]): Detail => [nameOf(name), value]),
      ['Request id', event.request_id],
      ['Trace id', event.trace_id],
      ['Source', event.source],
      ['Row', `${event.chain_seq}, stored ${momentFromNow(event.stored_at, nowMs)}`],
      ['Hash', event.hash],
      ['Row before', event.previous_hash],
    ],
    paper,
  );
}

/** Each changed field as it was and as it is since. */
function changesOf({ before, after }: AuditEvent): Detail[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  if (names.length === 0) return [];
  const [old, changed] = [before ?? {}, after ?? {}];
  const lines = names.map((name) =>
    name in old && name in changed
      ? `${name}: ${shown(old[name])} -> ${shown(changed[name])}`
      : `${name}: ${shown(name in changed ? changed[name] : old[name])}${name in changed ? '' : ' (before)'}`,
  );
  return [['Changes', lines]];
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function actionOf({ action, count, altered_columns: altered }: AuditEvent): string {
  const times = count === 1 ? '' : ` (${count} times)`;
  return `${action}${times}${altered ? ' (row altered)' : ''}`;
}

function actorOf({ actor }: AuditEvent): string {
  return actor.key_prefix ?? actor.user_id ?? (actor.service || actor.via || 'unknown');
}

function doorOf({ actor: { via, service, host } }: AuditEvent): string {
  return [via, service && `by ${service}`, host && `on ${host}`].filter(Boolean).join(' ');
}

function targetOf({ target }: AuditEvent): string {
  return target === null ? '' : `${target.type} ${target.id}`;
}

const NAMES: Readonly<Record<string, string>> = {
  client_ip: 'Address',
  user_agent: 'User agent',
  email: 'Email',
  email_before: 'Email before',
  display_name: 'Name',
  display_name_before: 'Name before',
  os_user: 'System user',
};

function nameOf(name: string): string {
  return NAMES[name] ?? name;
}
