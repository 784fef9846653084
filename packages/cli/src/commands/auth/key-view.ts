/** Keys for people. */
import type { Key } from '../../api/schemas.ts';
import { type Detail, detailLines } from '../../output/details.ts';
import { moment, momentFromNow } from '../../output/moments.ts';
import type { Emphasis, Paper } from '../../output/style.ts';
import type { Column } from '../../output/table.ts';

const STATE_EMPHASIS: Readonly<Record<string, Emphasis>> = {
  active: 'green',
  expired: 'yellow',
  revoked: 'red',
};

export const keyColumns: readonly Column<Key>[] = [
  { title: 'id', cell: (key) => key.id },
  { title: 'name', cell: (key) => key.name, minWidth: 8 },
  { title: 'state', cell: (key) => key.state, emphasis: (key) => STATE_EMPHASIS[key.state] },
  { title: 'prefix', cell: (key) => key.key_prefix, dispensable: 3 },
  { title: 'owner', cell: (key) => key.user_display_name ?? key.user_id, minWidth: 8, dispensable: 4 },
  { title: 'scopes', cell: (key) => key.scopes.join(' '), minWidth: 12, dispensable: 5 },
  { title: 'expires', cell: (key) => timeOr('never', key.expires_at), dispensable: 1 },
  { title: 'last used', cell: (key) => timeOr('never', key.last_used_at), dispensable: 2 },
];

export function keyDetails(key: Key, nowMs: number, paper: Paper): string {
  const time = (value: string | null | undefined) => (value == null ? null : momentFromNow(value, nowMs));
  return detailLines(
    [
      ['Id', key.id],
      ['Name', key.name],
      ['Prefix', key.key_prefix],
      ['State', key.state],
      ['Revoked', time(key.revoked_at)],
      ['Reason', key.revoked_reason],
      ['Owner', key.user_display_name ? `${key.user_display_name} (${key.user_id})` : key.user_id],
      ['Environment', key.environment],
      ['Scopes', key.scopes.join(' ') || 'none'],
      ...limitDetails(key),
      ['Created', time(key.created_at)],
      ['Created by key', key.created_by_key_id],
      ['Expires', time(key.expires_at) ?? 'never'],
      ['Rotated', time(key.rotated_at)],
      ['Last used', lastUse(key, nowMs)],
      ['Metadata', Object.keys(key.metadata).length === 0 ? null : JSON.stringify(key.metadata)],
      ['Retired secrets', key.retired_secrets.map((secret) => retiredSecret(secret, nowMs))],
      ['Version', key.version],
    ],
    paper,
  );
}

type Limits = Pick<Key, 'rate_limit_per_hour' | 'burst_limit' | 'burst_window_seconds' | 'allowed_ips'>;

export function limitDetails(limits: Limits): Detail[] {
  return [
    ['Rate limit', `${limits.rate_limit_per_hour} an hour`],
    ['Burst limit', `${limits.burst_limit} in ${limits.burst_window_seconds} s`],
    ['Allowed from', limits.allowed_ips.join(' ') || 'anywhere'],
  ];
}

/** What a rotation leaves behind: until when the old secret works, and who still uses it. */
function retiredSecret(secret: Key['retired_secrets'][number], nowMs: number): string {
  const until = secret.valid_until ?? '';
  const isOver = Date.parse(until) <= nowMs;
  const validity = `${isOver ? 'ended' : 'accepted until'} ${momentFromNow(until, nowMs)}`;
  const use = secret.last_used_at === null ? 'never used' : `last used at ${lastUse(secret, nowMs)}`;
  return `${secret.key_prefix}: ${validity}; previous secret ${use}`;
}

type Used = Pick<Key, 'last_used_at' | 'last_used_ip'>;

function lastUse({ last_used_at: at, last_used_ip: ip }: Used, nowMs: number): string {
  if (at === null) return 'never';
  return momentFromNow(at, nowMs) + (ip === null ? '' : ` from ${ip}`);
}

function timeOr(word: string, time: string | null): string {
  return time === null ? word : moment(time);
}

/** How people call it, on one line. */
export function keyTitle({ name, key_prefix }: Pick<Key, 'name' | 'key_prefix'>): string {
  return `"${name}" (${key_prefix})`;
}
