/** The contracts between services: errors, scopes, gRPC services, events. */
export type * from './error-reasons.ts';
export * from './errors.ts';
export * from './events/audit.ts';
export * from './events/cloud-event.ts';
export * from './events/keys.ts';
export { readUsageBatch } from './events/read-usage.ts';
export * from './events/subjects.ts';
export * from './events/usage.ts';
export { hostsOf } from './grpc/addresses.ts';
export { outlivingCall, throwIfCallEnded } from './grpc/call-scope.ts';
export * from './grpc/client.ts';
export * from './grpc/errors.ts';
export * from './grpc/server.ts';
export * from './grpc/services.ts';
export * from './grpc/values.ts';
export * from './identifiers.ts';
export * from './reader.ts';
export * from './scopes.ts';
