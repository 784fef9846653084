/** All that can be done with users. */
import { type AuditRefusalsDependencies, createAuditRefusals } from '../refusals.ts';
import { type CreateUserDependencies, createCreateUser } from './create-user.ts';
import { createGetUser, createListUsers, type ReadUsersDependencies } from './read-users.ts';
import { createUpdateUser } from './update-user.ts';

export function createUserManagement(
  given: Omit<CreateUserDependencies & ReadUsersDependencies, 'auditRefusals'> & AuditRefusalsDependencies,
) {
  const dependencies = { ...given, auditRefusals: createAuditRefusals(given) };
  return {
    createUser: createCreateUser(dependencies),
    getUser: createGetUser(dependencies),
    listUsers: createListUsers(dependencies),
    updateUser: createUpdateUser(dependencies),
  };
}
