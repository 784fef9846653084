/** JSON logs in which no key can appear: every line is searched for keys before it is written. */
import { redactKeys } from '@hokusai/key-format';
import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';

export type { Logger } from 'pino';

export interface LoggerOptions {
  service: string;
  level: string;
  /** Number of the process among its siblings, if it has any. */
  worker?: number | undefined;
  /** Standard output if absent. */
  destination?: DestinationStream;
}

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export function createLogger({ service, level, worker, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: worker === undefined ? { service } : { service, worker },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: withoutCommand },
    // By construction rather than by a list of fields: a key is redacted wherever it stands.
    hooks: { streamWrite: redactKeys },
  };
  return destination ? pino(options, destination) : pino(options);
}

/**
 * An error without the command that ioredis hangs on it: where Redis refuses to let the process in, the command holds
 * the password.
 */
function withoutCommand(error: Error): object {
  const described: Record<string, unknown> = { ...stdSerializers.errWithCause(error) };
  for (let at: unknown = described; isRecord(at); at = at['cause']) delete at['command'];
  return described;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
