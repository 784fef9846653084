export type LogDetails = Record<string, unknown>;

/** Where the SDK reports what it does; `console` and most loggers fit. It is silent unless one is given. */
export interface Logger {
  debug(message: string, details?: LogDetails): void;
  info(message: string, details?: LogDetails): void;
  warn(message: string, details?: LogDetails): void;
  error(message: string, details?: LogDetails): void;
}

const nothing = (): void => undefined;

export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export function isLogger(value: unknown): value is Logger {
  return (
    typeof value === 'object' &&
    value !== null &&
    LEVELS.every((level) => typeof (value as Logger)[level] === 'function')
  );
}

/** The same one, but for its failures: nothing that the SDK does may depend on them. */
export function unfailing(logger: Logger): Logger {
  const guarded = (level: (typeof LEVELS)[number]) => (message: string, details?: LogDetails) => {
    try {
      logger[level](message, details);
    } catch {
      // There is no one else to tell.
    }
  };
  return { debug: guarded('debug'), info: guarded('info'), warn: guarded('warn'), error: guarded('error') };
}
