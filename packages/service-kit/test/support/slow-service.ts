/** A service of two workers that have something under way until they are told to hurry, and say so in the log. */
import { createLogger } from '../../src/log.ts';
import { runWorkers } from '../../src/workers/run.ts';

runWorkers({
  loadConfiguration: () => ({ drainMs: Number(process.env['DRAIN_MS']) }),
  parent: ({ drainMs }) => ({
    service: 'slow',
    workers: 2,
    logLevel: 'info',
    drainMs,
    health: { host: '127.0.0.1', port: 0 },
  }),
  start: async (_, lifecycle, { number, serveHealth }) => {
    const logger = createLogger({ service: 'slow', level: 'info', worker: number });
    lifecycle.onClose('work', async (hurry) => {
      logger.info({ inHurry: hurry.aborted }, 'closes');
      if (!hurry.aborted) await new Promise((resolve) => hurry.addEventListener('abort', resolve));
      logger.info('has closed');
    });
    await serveHealth({ host: '127.0.0.1', port: 0 }, {});
    return logger;
  },
});
