import { createLogger } from '@hokusai/service-kit';

/** For code that insists on a logger. */
export const silentLogger = createLogger({ service: 'test', level: 'silent' });
