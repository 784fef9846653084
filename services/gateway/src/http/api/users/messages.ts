/** The keys service's messages about users as JSON, and the other way round. */
import type { Caller } from '@hokusai/contracts/gen/keys/v1/Caller';
import type { CreateUserRequest } from '@hokusai/contracts/gen/keys/v1/CreateUserRequest';
import type { ListUsersRequest } from '@hokusai/contracts/gen/keys/v1/ListUsersRequest';
import type { UpdateUserRequest } from '@hokusai/contracts/gen/keys/v1/UpdateUserRequest';
import type { User__Output } from '@hokusai/contracts/gen/keys/v1/User';
import { cursorOf, instantOf, knownInstantOf } from '../values.ts';
import type { CreateUserBody, ListUsersQuery, UpdateUserBody, UserJson } from './schemas.ts';

const ROLES = { member: 'ROLE_MEMBER', admin: 'ROLE_ADMIN' } as const;
const STATES = { active: 'USER_STATE_FILTER_ACTIVE', disabled: 'USER_STATE_FILTER_DISABLED' } as const;

export function createUserMessage(caller: Caller, body: CreateUserBody): CreateUserRequest {
  return {
    caller,
    ...(body.external_id == null ? {} : { externalId: body.external_id }),
    ...(body.email == null ? {} : { email: body.email }),
    displayName: body.display_name,
    role: roleMessage(body.role),
    ...(body.rate_limit_per_hour == null ? {} : { rateLimitPerHour: body.rate_limit_per_hour }),
  };
}

/** The mask names what the body has; null is an absent value that is named. */
export function updateUserMessage(caller: Caller, userId: string, body: UpdateUserBody): UpdateUserRequest {
  return {
    caller,
    userId,
    updateMask: { paths: Object.keys(body) },
    ...(body.email == null ? {} : { email: body.email }),
    displayName: body.display_name ?? '',
    role: roleMessage(body.role),
    disabled: body.disabled ?? false,
    ...(body.rate_limit_per_hour == null ? {} : { rateLimitPerHour: body.rate_limit_per_hour }),
  };
}

export function listUsersMessage(caller: Caller, query: ListUsersQuery): ListUsersRequest {
  return {
    caller,
    pageSize: query.limit ?? 0,
    cursor: cursorOf(query),
    externalId: query.external_id ?? '',
    email: query.email ?? '',
    role: roleMessage(query.role),
    state: query.state ? STATES[query.state] : 'USER_STATE_FILTER_UNSPECIFIED',
  };
}

export function userJson(user: User__Output): UserJson {
  return {
    id: user.id,
    external_id: user.externalId ?? null,
    email: user.email ?? null,
    display_name: user.displayName,
    role: user.role === 'ROLE_ADMIN' ? 'admin' : 'member',
    rate_limit_per_hour: user.rateLimitPerHour ?? null,
    created_at: knownInstantOf(user.createdAt),
    disabled_at: instantOf(user.disabledAt),
  };
}

function roleMessage(role: 'member' | 'admin' | null | undefined) {
  return role ? ROLES[role] : 'ROLE_UNSPECIFIED';
}
