import type { ErrorObserver } from '@hokusai/contracts';
import type { Logger } from '../log.ts';

/** Defects are errors, outages warnings; what a caller did wrong is of interest when debugging only. */
export function logFailedCalls(logger: Logger): ErrorObserver {
  return (error, method) => {
    if (error.code === 'internal') logger.error({ err: error, method }, 'a call failed');
    else if (error.code === 'unavailable') logger.warn({ err: error, method }, 'a call could not be served');
    else logger.debug({ code: error.code, reason: error.reason, method }, 'a call was refused');
  };
}
