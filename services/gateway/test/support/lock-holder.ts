/** Takes the lock named on the command line, says whether it got it, and holds it until it is killed. */
import { tryLock } from '../../src/events/spool/lock.ts';

const lock = tryLock(process.argv[2] as string);
process.stdout.write(lock ? 'held\n' : 'refused\n');
if (lock) setInterval(() => {}, 60_000);
