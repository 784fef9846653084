/** UserManagementService. */
import { type ErrorObserver, toTimestamp, unaryHandler } from '@hokusai/contracts';
import type { CreateUserRequest__Output } from '@hokusai/contracts/gen/keys/v1/CreateUserRequest';
import type { CreateUserResponse } from '@hokusai/contracts/gen/keys/v1/CreateUserResponse';
import type { GetUserRequest__Output } from '@hokusai/contracts/gen/keys/v1/GetUserRequest';
import type { GetUserResponse } from '@hokusai/contracts/gen/keys/v1/GetUserResponse';
import type { ListUsersRequest__Output } from '@hokusai/contracts/gen/keys/v1/ListUsersRequest';
import type { ListUsersResponse } from '@hokusai/contracts/gen/keys/v1/ListUsersResponse';
import type { Role__Output } from '@hokusai/contracts/gen/keys/v1/Role';
import type { UpdateUserRequest__Output } from '@hokusai/contracts/gen/keys/v1/UpdateUserRequest';
import type { UpdateUserResponse } from '@hokusai/contracts/gen/keys/v1/UpdateUserResponse';
import type { User as UserMessage } from '@hokusai/contracts/gen/keys/v1/User';
import type { UserStateFilter__Output } from '@hokusai/contracts/gen/keys/v1/UserStateFilter';
import type { Caller } from '../domain/actor.ts';
import type { Role } from '../domain/key.ts';
import type { Repetition } from '../domain/repetition.ts';
import type { User } from '../domain/user.ts';
import type { UserCreationRequest, UserUpdateRequest } from '../domain/user-access.ts';
import type { UserListRequest, UserPage, UserStanding } from '../domain/user-listing.ts';
import { ROLES } from './messages.ts';
import { callerOf, meaning } from './requests.ts';

export interface UserManagement {
  createUser(caller: Caller, request: UserCreationRequest, repetition: Repetition | null): Promise<User>;
  getUser(caller: Caller, userId: string): Promise<User>;
  listUsers(caller: Caller, request: UserListRequest): Promise<UserPage>;
  updateUser(caller: Caller, userId: string, request: UserUpdateRequest): Promise<User>;
}

export function userHandlers(management: UserManagement, observe: ErrorObserver) {
  return {
    CreateUser: unaryHandler<CreateUserRequest__Output, CreateUserResponse>(
      async (request, _signal, service) => {
        const creation = creationRequestOf(request);
        const user = await management.createUser(callerOf(request, service), creation, request.idempotency);
        return { user: userMessage(user) };
      },
      observe,
    ),
    GetUser: unaryHandler<GetUserRequest__Output, GetUserResponse>(async (request, _signal, service) => {
      return { user: userMessage(await management.getUser(callerOf(request, service), request.userId)) };
    }, observe),
    ListUsers: unaryHandler<ListUsersRequest__Output, ListUsersResponse>(
      async (request, _signal, service) => {
        const { users, nextCursor } = await management.listUsers(
          callerOf(request, service),
          listRequestOf(request),
        );
        return { users: users.map(userMessage), nextCursor };
      },
      observe,
    ),
    UpdateUser: unaryHandler<UpdateUserRequest__Output, UpdateUserResponse>(
      async (request, _signal, service) => {
        const update = updateRequestOf(request);
        return {
          user: userMessage(await management.updateUser(callerOf(request, service), request.userId, update)),
        };
      },
      observe,
    ),
  };
}

const ROLES_OF: Readonly<Record<Role__Output, Role | null>> = {
  ROLE_UNSPECIFIED: null,
  ROLE_MEMBER: 'member',
  ROLE_ADMIN: 'admin',
};

const STANDINGS: Readonly<Record<UserStateFilter__Output, UserStanding | null>> = {
  USER_STATE_FILTER_UNSPECIFIED: null,
  USER_STATE_FILTER_ACTIVE: 'active',
  USER_STATE_FILTER_DISABLED: 'disabled',
};

function creationRequestOf(request: CreateUserRequest__Output): UserCreationRequest {
  return {
    externalId: request.externalId ?? null,
    email: request.email ?? null,
    displayName: request.displayName,
    role: meaning(ROLES_OF, request.role),
    rateLimitPerHour: request.rateLimitPerHour ?? null,
  };
}

function updateRequestOf(request: UpdateUserRequest__Output): UserUpdateRequest {
  return {
    mask: request.updateMask?.paths ?? [],
    email: request.email ?? null,
    displayName: request.displayName,
    role: meaning(ROLES_OF, request.role),
    disabled: request.disabled,
    rateLimitPerHour: request.rateLimitPerHour ?? null,
  };
}

function listRequestOf({ pageSize, cursor, externalId, email, role, state }: ListUsersRequest__Output) {
  return {
    ...{ pageSize, cursor, externalId, email },
    role: meaning(ROLES_OF, role),
    standing: meaning(STANDINGS, state),
  };
}

function userMessage(user: User): UserMessage {
  return {
    id: user.id,
    ...(user.externalId === null ? {} : { externalId: user.externalId }),
    ...(user.email === null ? {} : { email: user.email }),
    displayName: user.displayName,
    role: ROLES[user.role],
    ...(user.rateLimitPerHour === null ? {} : { rateLimitPerHour: user.rateLimitPerHour }),
    createdAt: toTimestamp(user.createdAt),
    disabledAt: toTimestamp(user.disabledAt),
  };
}
