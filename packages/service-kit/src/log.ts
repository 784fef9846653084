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
    serializers: { err: stdSerializers.errWithCause },
    // By construction rather than by a list of fields: a key is redacted wherever it stands.
    hooks: { streamWrite: redactKeys },
  };
  return destination ? pino(options, destination) : pino(options);
}
