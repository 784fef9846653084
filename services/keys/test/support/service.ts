/** The keys service as a process. */
import { randomBytes } from 'node:crypto';
import { services } from '@hokusai/contracts';
import { grpcCallers, grpcToken } from '@hokusai/testing';

const secret = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`;
const [pepper, tag] = [secret('p1'), secret('t1')];

/** Environment of the service; NATS and the audit service are not there, which it has to bear. */
export function serviceEnvironment(databaseUrl: string): Record<string, string> {
  return {
    KEYS_DATABASE_URL: databaseUrl,
    KEY_PEPPERS: pepper,
    KEY_TAG_SECRETS: tag,
    ARGON2_MEMORY_KIB: '64',
    ARGON2_TIME_COST: '1',
    NATS_URL: 'nats://keys:none@127.0.0.1:9',
    AUDIT_GRPC_URL: '127.0.0.1:9',
    AUDIT_GRPC_TOKEN: grpcToken,
    KEYS_GRPC_CALLERS: grpcCallers(services.keyValidation, services.keyManagement, services.userManagement),
  };
}
