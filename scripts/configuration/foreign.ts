/** Names in documents that look like variables that some program of ours reads, and are not. */

import { ERROR_REASONS } from '@hokusai/contracts/error-reasons';

/** Variables that others read, or that our programs look at to say what others will do: who. */
export const FOREIGN: Readonly<Record<string, string>> = {
  ALL_PROXY: 'HTTP libraries; the doctor looks for it',
  CHROMIUM_PATH: 'the end-to-end tests',
  CURL_CA_BUNDLE: "Python's requests",
  DEVELOPER_KEYS_GRPC_TOKEN: 'programs that call the services; `npm start` writes it to its file `env`',
  GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: "gRPC's library",
  HTTPS_PROXY: 'HTTP libraries; the doctor looks for it',
  HTTP_PROXY: 'HTTP libraries; the doctor looks for it',
  MLFLOW_DISABLE_TELEMETRY: 'the MLflow server',
  MLFLOW_ENABLE_ASYNC_TRACE_LOGGING: "MLflow's TypeScript library",
  MLFLOW_EXPERIMENT_ID: "MLflow's client",
  MLFLOW_HTTP_RESPECT_RETRY_AFTER_HEADER: "MLflow's client",
  MLFLOW_SERVER_ALLOWED_HOSTS: 'the MLflow server',
  MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'the MLflow server',
  MLFLOW_TRACKING_AUTH: "MLflow's client",
  MLFLOW_TRACKING_AWS_SIGV4: "MLflow's client",
  MLFLOW_TRACKING_INSECURE_TLS: "MLflow's client",
  MLFLOW_TRACKING_SERVER_CERT_PATH: "MLflow's client",
  MLFLOW_WORKSPACE: "MLflow's clients",
  NATS_SUBSCRIBER_URL: 'programs that follow events; `npm start` writes it to its file `env`',
  NODE_ENV: 'libraries, Express among them',
  NODE_EXTRA_CA_CERTS: 'Node',
  NODE_IMAGE: 'the build of the images, as an argument',
  NODE_OPTIONS: 'Node',
  NO_PROXY: 'HTTP libraries; the doctor looks for it',
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: "OpenTelemetry's exporters",
  OTEL_NODE_RESOURCE_DETECTORS: "OpenTelemetry's SDK for Node",
  OTEL_SDK_DISABLED: "OpenTelemetry's SDKs",
  OTEL_TRACES_SAMPLER: "OpenTelemetry's SDKs",
  PIP_INDEX_URL: 'pip, which brings the installer of the servers',
  POSTGRES_DB: 'the image of Postgres',
  POSTGRES_INITDB_ARGS: 'the image of Postgres',
  POSTGRES_PASSWORD: 'the image of Postgres',
  POSTGRES_PASSWORD_FILE: 'the image of Postgres',
  POSTGRES_USER: 'the image of Postgres',
  POSTGRES_ADMIN_URL: 'administrators; `npm start` writes it to its file `env`',
  REDISCLI_AUTH: 'redis-cli',
  REQUESTS_CA_BUNDLE: "Python's requests",
  UV_INDEX_URL: 'uv, which installs the servers',
};

/** Error codes of MLflow's API, of which the gateway uses some. */
const MLFLOW_CODES = [
  'ENDPOINT_NOT_FOUND',
  'INTERNAL_ERROR',
  'INVALID_PARAMETER_VALUE',
  'INVALID_STATE',
  'REQUEST_LIMIT_EXCEEDED',
  'RESOURCE_ALREADY_EXISTS',
  'RESOURCE_CONFLICT',
  'RESOURCE_DOES_NOT_EXIST',
  'TEMPORARILY_UNAVAILABLE',
];

/** Statuses of gRPC. */
const GRPC_CODES = [
  'ALREADY_EXISTS',
  'DEADLINE_EXCEEDED',
  'FAILED_PRECONDITION',
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
];

/** Kinds of errors of the TypeScript library. */
const LIBRARY_CODES = [
  'CONNECTION_LOST',
  'CONNECTION_REFUSED',
  'HOST_NOT_FOUND',
  'INVALID_REQUEST',
  'RATE_LIMITED',
  'SERVER_ERROR',
  'UNEXPECTED_ANSWER',
];

const WORDS = [
  // A stream, a value of an enumeration, words of TLS, of Node's scheduling and of Linux.
  ...[
    'AUDIT_GATEWAY',
    'UNCLEAN_END',
    'CERTIFICATE_VERIFY_FAILED',
    'SCHED_NONE',
    'DAC_OVERRIDE',
    'CAP_NET_BIND_SERVICE',
  ],
  // Any variable, and its file; variables of an example.
  ...['NAME_FILE', 'ACTING_KEY_ID'],
];

/** What is no variable at all. */
export const OTHER_NAMES: readonly string[] = [
  ...GRPC_CODES,
  ...Object.keys(ERROR_REASONS).map((reason) => reason.toUpperCase()),
  ...MLFLOW_CODES,
  ...LIBRARY_CODES,
  ...WORDS,
];
