/** UserManagementService. */
import { type ErrorObserver, toTimestamp } from '@hokusai/contracts';
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
import { handlerWithCaller } from './caller.ts';
import { ROLES } from './messages.ts';
import { meaning } from './requests.ts';

export interface UserManagement {
  createUser(caller: Caller, request: UserCreationRequest, repetition: Repetition | null): Promise<User>;
  getUser(caller: Caller, userId: string): Promise<User>;
  listUsers(caller: Caller, request: UserListRequest): Promise<UserPage>;
  updateUser(caller: Caller, userId: string, request: UserUpdateRequest): Promise<User>;
}

export function userHandlers(management: UserManagement, observe: ErrorObserver) {
  return {
    CreateUser: handlerWithCaller<CreateUserRequest__Output, CreateUserResponse>(async (request, caller) => {
      const creation = creationRequestOf(request);
      const user = await management.createUser(caller, creation, request.idempotency);
      return { user: userMessage(user) };
    }, observe),
    GetUser: handlerWithCaller<GetUserRequest__Output, GetUserResponse>(async (request, caller) => {
      return { user: userMessage(await management.getUser(caller, request.userId)) };
    }, observe),
    ListUsers: handlerWithCaller<ListUsersRequest__Output, ListUsersResponse>(async (request, caller) => {
      const { users, nextCursor } = await management.listUsers(caller, listRequestOf(request));
      return { users: users.map(userMessage), nextCursor };
    }, observe),
    UpdateUser: handlerWithCaller<UpdateUserRequest__Output, UpdateUserResponse>(async (request, caller) => {
      const update = updateRequestOf(request);
      return { user: userMessage(await management.updateUser(caller, request.userId, update)) };
    }, observe),
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
