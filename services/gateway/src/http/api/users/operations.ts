/** Operations on users, for admins. */
import { callerOf, callOptions } from '../caller.ts';
import { type Operation, operation } from '../operation.ts';
import { serviceCalls, type UserManagementClient } from '../service-calls.ts';
import { present } from '../values.ts';
import { createUserMessage, listUsersMessage, updateUserMessage, userJson } from './messages.ts';
import {
  createUserRequest,
  listUsersQuery,
  updateUserRequest,
  userListResponse,
  userPath,
  userResponse,
} from './schemas.ts';

type Call = UserManagementClient['call'];

const USERS = '/api/v1/users';
const USER = `${USERS}/{id}`;
const managing = { tag: 'Users', scope: 'admin' } as const;

export function userOperations(client: UserManagementClient): Operation[] {
  const call: Call = serviceCalls(client);
  return [createUser(call), listUsers(call), getUser(call), updateUser(call)];
}

function createUser(call: Call): Operation {
  return operation({
    ...{ ...managing, id: 'createUser', method: 'post', path: USERS },
    summary: 'Create a user',
    description: 'Without keys: create one with `user_id`.',
    isRepeatable: true,
    body: createUserRequest,
    answer: { status: 201, schema: userResponse, description: 'The user.' },
    location: ({ id }) => `${USERS}/${id}`,
    serve: async ({ exchange, body, idempotency }) => {
      const message = { ...createUserMessage(callerOf(exchange), body), idempotency };
      const { user } = await call('CreateUser', message, callOptions(exchange));
      return userJson(present(user, 'the user'));
    },
  });
}

function listUsers(call: Call): Operation {
  return operation({
    ...{ ...managing, id: 'listUsers', method: 'get', path: USERS },
    summary: 'List users',
    description: 'Newest first, in pages.',
    query: listUsersQuery,
    answer: { status: 200, schema: userListResponse, description: 'A page of users.' },
    serve: async ({ exchange, query }) => {
      const message = listUsersMessage(callerOf(exchange), query);
      const { users, nextCursor } = await call('ListUsers', message, callOptions(exchange));
      return { data: users.map(userJson), next_cursor: nextCursor === '' ? null : nextCursor };
    },
  });
}

function getUser(call: Call): Operation {
  return operation({
    ...{ ...managing, id: 'getUser', method: 'get', path: USER },
    summary: 'Show a user',
    pathParameters: userPath,
    answer: { status: 200, schema: userResponse, description: 'The user.' },
    serve: async ({ exchange, path }) => {
      const message = { caller: callerOf(exchange), userId: path.id };
      const { user } = await call('GetUser', message, callOptions(exchange));
      return userJson(present(user, 'the user'));
    },
  });
}

function updateUser(call: Call): Operation {
  return operation({
    ...{ ...managing, id: 'updateUser', method: 'patch', path: USER },
    summary: 'Change a user, or disable them',
    description: 'Disabling stops all of their keys at once. Nobody can disable or demote themself.',
    pathParameters: userPath,
    body: updateUserRequest,
    answer: { status: 200, schema: userResponse, description: 'The user as they are now.' },
    serve: async ({ exchange, path, body }) => {
      const message = updateUserMessage(callerOf(exchange), path.id, body);
      const { user } = await call('UpdateUser', message, callOptions(exchange));
      return userJson(present(user, 'the user'));
    },
  });
}
