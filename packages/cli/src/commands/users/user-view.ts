/** Users: where the API has them, and how people see them. */
import type { User } from '../../api/schemas.ts';
import { detailLines } from '../../output/details.ts';
import { moment, momentFromNow } from '../../output/moments.ts';
import type { Paper } from '../../output/style.ts';
import type { Column } from '../../output/table.ts';

export const USERS = '/api/v1/users';

export function userPath(id: string): string {
  return `${USERS}/${encodeURIComponent(id)}`;
}

export const userColumns: readonly Column<User>[] = [
  { title: 'id', cell: (user) => user.id },
  { title: 'name', cell: (user) => user.display_name, minWidth: 8 },
  { title: 'role', cell: (user) => user.role },
  { title: 'state', cell: stateOf, emphasis: (user) => (user.disabled_at === null ? 'green' : 'red') },
  { title: 'email', cell: (user) => user.email ?? '', minWidth: 12, dispensable: 1 },
  { title: 'external id', cell: (user) => user.external_id ?? '', minWidth: 12, dispensable: 3 },
  { title: 'created', cell: (user) => moment(user.created_at ?? ''), dispensable: 2 },
];

export function userDetails(user: User, nowMs: number, paper: Paper): string {
  const { rate_limit_per_hour: limit, created_at: created, disabled_at: disabled } = user;
  return detailLines(
    [
      ['Id', user.id],
      ['Name', user.display_name],
      ['Role', user.role],
      ['State', stateOf(user)],
      ['Email', user.email],
      ['External id', user.external_id],
      ['Rate limit', limit === null ? 'none but those of the keys' : `${limit} an hour over all keys`],
      ['Created', created === null ? null : momentFromNow(created, nowMs)],
      ['Disabled', disabled === null ? null : momentFromNow(disabled, nowMs)],
    ],
    paper,
  );
}

function stateOf({ disabled_at }: User): string {
  return disabled_at === null ? 'active' : 'disabled';
}

/** How people call them, on one line. */
export function userTitle({ display_name, id }: User): string {
  return display_name === '' ? id : `"${display_name}" (${id})`;
}
