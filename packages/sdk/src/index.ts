/** Track experiments on MLflow: `createExperimentManager`, and what it returns. */
export type {
  Environment,
  ExperimentManagerConfig,
  ResolvedConfig,
  SettingName,
  Source,
} from './config/config.ts';
export type { Credentials, RevealedCredentials } from './config/credentials.ts';
export type { LogDetails, Logger } from './config/logger.ts';
export { createExperimentManager } from './create.ts';
export * from './diagnose/index.ts';
export * from './errors/errors.ts';
export {
  createMockExperimentManager,
  type MockExperimentManager,
  type MockManagerOptions,
} from './mock/mock-manager.ts';
export type { MockOptions } from './mock/options.ts';
export type * from './model/artifact.ts';
export type * from './model/experiment.ts';
export type * from './model/manager.ts';
export type * from './model/registry.ts';
export type * from './model/run.ts';
export type * from './model/values.ts';
export * from './tracing/index.ts';
