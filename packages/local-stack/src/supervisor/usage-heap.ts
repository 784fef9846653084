/**
 * `NODE_OPTIONS` for the usage service, whose heap would grow to hundreds of MiB otherwise: V8 takes its sizes only when
 * a process starts (docs/reference/usage-service.md).
 */
export const USAGE_NODE_OPTIONS = '--max-semi-space-size=8 --max-old-space-size=160';
