/** The gRPC services of `protos/`, loaded once at import, with their generated types. */
import { fileURLToPath } from 'node:url';
import { type GrpcObject, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { AuditServiceDefinition } from '../gen/hokusai/audit/v1/AuditService.ts';
import type { AuditWitnessServiceDefinition } from '../gen/hokusai/keys/v1/AuditWitnessService.ts';
import type { KeyManagementServiceDefinition } from '../gen/hokusai/keys/v1/KeyManagementService.ts';
import type { KeyValidationServiceDefinition } from '../gen/hokusai/keys/v1/KeyValidationService.ts';
import type { UserManagementServiceDefinition } from '../gen/hokusai/keys/v1/UserManagementService.ts';
import type { UsageServiceDefinition } from '../gen/hokusai/usage/v1/UsageService.ts';

const PROTO_ROOT = fileURLToPath(new URL('../../../../protos', import.meta.url));

/** Files that define a service; the others come in through their imports. */
const PROTO_FILES = [
  'hokusai/keys/v1/validation.proto',
  'hokusai/keys/v1/management.proto',
  'hokusai/keys/v1/witness.proto',
  'hokusai/usage/v1/usage.proto',
  'hokusai/audit/v1/audit.proto',
];

/** Must agree with the options that the types are generated with (`npm run generate`). */
const packageDefinition = loadSync(PROTO_FILES, {
  includeDirs: [PROTO_ROOT],
  keepCase: false,
  longs: String,
  enums: String,
  defaults: true,
  oneofs: true,
});

const loaded = loadPackageDefinition(packageDefinition);

/** For gRPC server reflection. */
export const protoPackage = packageDefinition;

export const services = {
  keyValidation: definitionOf<KeyValidationServiceDefinition>('hokusai.keys.v1.KeyValidationService'),
  keyManagement: definitionOf<KeyManagementServiceDefinition>('hokusai.keys.v1.KeyManagementService'),
  userManagement: definitionOf<UserManagementServiceDefinition>('hokusai.keys.v1.UserManagementService'),
  auditWitness: definitionOf<AuditWitnessServiceDefinition>('hokusai.keys.v1.AuditWitnessService'),
  usage: definitionOf<UsageServiceDefinition>('hokusai.usage.v1.UsageService'),
  audit: definitionOf<AuditServiceDefinition>('hokusai.audit.v1.AuditService'),
};

function definitionOf<Definition>(name: string): Definition {
  let node: GrpcObject[string] | undefined = loaded;
  for (const part of name.split('.')) node = (node as GrpcObject | undefined)?.[part];
  if (node === undefined) throw new Error(`no service ${name} in ${PROTO_ROOT}`);
  return (node as ServiceClientConstructor).service as unknown as Definition;
}
