/** All operations of the management API. */
import type { SignInReporter } from '../../domain/ports.ts';
import { described, version } from './about.ts';
import { auditOperations } from './audit/operations.ts';
import { keyOperations } from './keys/operations.ts';
import type { Operation } from './operation.ts';
import type {
  AuditClient,
  KeyManagementClient,
  UsageClient,
  UserManagementClient,
  WitnessClient,
} from './service-calls.ts';
import { usageOperations } from './usage/operations.ts';
import { userOperations } from './users/operations.ts';
import { signInOperation, whoami } from './whoami.ts';

/** Whom the operations ask. */
export interface ApiBackends {
  keys: KeyManagementClient;
  users: UserManagementClient;
  usage: UsageClient;
  audit: AuditClient;
  witnesses: WitnessClient;
  signIns: SignInReporter;
}

/** With the one that describes them all. */
export function apiOperations({ keys, users, usage, audit, witnesses, signIns }: ApiBackends): Operation[] {
  return described([
    ...keyOperations(keys),
    ...userOperations(users),
    ...usageOperations(usage),
    ...auditOperations(audit, witnesses),
    signInOperation(signIns),
    whoami,
    version,
  ]);
}
