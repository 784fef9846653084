/** A process that freezes while it has the lock on the chain's head: DSN as its argument. */
import { randomBytes } from 'node:crypto';
import { systemClock } from '@hokusai/service-kit';
import { createAppender } from '../../src/storage/appender.ts';
import { poolOf } from './audit-database.ts';
import { incomingOf } from './audit-events.ts';

/** Asked for the time as soon as the lock is there. */
const clock = {
  ...systemClock,
  now: () => {
    process.kill(process.pid, 'SIGSTOP');
    return Date.now();
  },
};
const pool = poolOf(process.argv[2] as string);
await createAppender({ pool, clock, randomBytes }).append([incomingOf()]);
