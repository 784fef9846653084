/** Whether messages that could not be read wait for somebody to look into them, whichever replica gave them up. */
import { DEAD_LETTERS, deadLetterSubject } from '@hokusai/contracts';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { pause } from '../wakeup.ts';

const INTERVAL_MS = 5000;

export interface DeadLetterAlarmOptions {
  /** undefined while the broker can't be reached: then what was known last is shown. */
  connection(): NatsConnection | undefined;
  /** Ends the looking. */
  signal: AbortSignal;
}

export interface DeadLetterAlarm {
  /** Looks from now on for letters of this stream. */
  watch(stream: string): void;
  /** Where the letters are and since when; undefined if there are none, or once they were removed. */
  alarm(): string | undefined;
  /** Resolves once it has ended. */
  ended(): Promise<void>;
}

/** Asks the broker every five seconds. */
export function openDeadLetterAlarm({ connection, signal }: DeadLetterAlarmOptions): DeadLetterAlarm {
  /** When the last letter of each stream came; null: there is none. */
  const latest = new Map<string, Date | null>();

  async function look(): Promise<void> {
    const broker = connection();
    if (!broker || latest.size === 0) return;
    // The account is asked for nothing that a service's user may not ask.
    const { direct } = await jetstreamManager(broker, { checkAPI: false });
    for (const stream of latest.keys()) {
      const query = { last_by_subj: deadLetterSubject(stream) };
      const letter = await direct.getMessage(DEAD_LETTERS.name, query);
      latest.set(stream, letter === null ? null : letter.time);
    }
  }

  const running = (async () => {
    while (!signal.aborted) {
      // What fails is asked again; the broker's own check tells that it is away.
      await look().catch(() => {});
      await pause(INTERVAL_MS, signal);
    }
  })();

  return {
    watch: (stream) => latest.set(stream, null),
    alarm: () => {
      const letters = [...latest].flatMap(([stream, time]) => (time ? [describe(stream, time)] : []));
      return letters.length === 0 ? undefined : letters.join('; ');
    },
    ended: () => running,
  };
}

function describe(stream: string, time: Date): string {
  return `messages of ${stream} could not be read, the last at ${time.toISOString()}: see ${deadLetterSubject(stream)}`;
}
