export * from './answer-errors.ts';
export * from './connection-errors.ts';
export * from './local-errors.ts';
export { type ErrorCode, type ErrorDetails, MlPlatformError } from './ml-platform-error.ts';
