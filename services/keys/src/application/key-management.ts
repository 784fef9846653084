/** All that can be done with keys. */
import { type CreateKeyDependencies, createCreateKey } from './create-key.ts';
import { createEndRetiredSecret } from './end-retired-secret.ts';
import { createGetKey, createListKeys, type ReadKeysDependencies } from './read-keys.ts';
import { type AuditRefusalsDependencies, createAuditRefusals } from './refusals.ts';
import { createRevokeKey, type RevokeKeyDependencies } from './revoke-key.ts';
import { createRotateKey } from './rotate-key.ts';
import { createUpdateKey } from './update-key.ts';

export function createKeyManagement(
  given: Omit<CreateKeyDependencies & ReadKeysDependencies & RevokeKeyDependencies, 'auditRefusals'> &
    AuditRefusalsDependencies,
) {
  const dependencies = { ...given, auditRefusals: createAuditRefusals(given) };
  return {
    createKey: createCreateKey(dependencies),
    getKey: createGetKey(dependencies),
    listKeys: createListKeys(dependencies),
    updateKey: createUpdateKey(dependencies),
    rotateKey: createRotateKey(dependencies),
    endRetiredSecret: createEndRetiredSecret(dependencies),
    revokeKey: createRevokeKey(dependencies),
  };
}
