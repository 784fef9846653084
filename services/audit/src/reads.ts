/** Has the log told who reads it, whatever becomes of the call that reads. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { outlivingCall } from '@hokusai/contracts';
import { asUnavailable, type Logger, systemClock } from '@hokusai/service-kit';
import type { Appender } from './domain/ports.ts';
import { AuditReads } from './domain/reads.ts';

export interface OpenReadsOptions {
  appender: Appender;
  logger: Logger;
  /** For how long reads are counted; a minute if absent. */
  foldMs?: number;
}

export function openReads({ appender, logger, foldMs }: OpenReadsOptions): AuditReads {
  return new AuditReads({
    // Counts are appended by timers that calls have set, and one call's append may answer others: a transaction of
    // theirs would be refused as that of a call that has ended.
    append: (events) => outlivingCall(() => appender.append(events)).catch(asUnavailable('audit')),
    origin: `/hokusai/audit/${hostname()}`,
    now: systemClock.now,
    newId: randomUUID,
    after: (delayMs, task) => {
      const timer = setTimeout(task, delayMs);
      return () => clearTimeout(timer);
    },
    onDelayed: (err) => logger.warn({ err }, 'who read the audit log is not in it yet; trying again'),
    foldMs,
  });
}
