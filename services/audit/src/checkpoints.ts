/** Signs checkpoints while there is activity, and takes them out of the database. */
import type { Signer } from '@hokusai/audit-chain';
import { type Clock, type Logger, pause, repeat } from '@hokusai/service-kit';
import { signNext } from './application/sign-checkpoint.ts';
import type { CheckpointSink, CheckpointStore, KnownCheckpoint } from './domain/checkpoint-ports.ts';
import type { SigningRing } from './domain/signing-ring.ts';

export interface CheckpointsOptions {
  store: CheckpointStore;
  ring: SigningRing;
  sinks: readonly CheckpointSink[];
  intervalMs: number;
  clock: Clock;
  logger: Logger;
}

export interface Checkpoints {
  /**
   * Why nothing is signed, where the log is not the one that was signed before: until the process ends, whatever
   * becomes of the log. Or which place outside has not had a checkpoint for long.
   */
  alarm(): string | undefined;
  /** Signs once more, and tries once more to take it out. */
  close(): Promise<void>;
}

const RETRY_MS = 5000;
/** What is left then is taken out after the next start. */
const LAST_DELIVERY_LIMIT_MS = 5000;
/** A checkpoint that only the database has for longer than that is one that its owner can take back. */
const LATE_MS = 60_000;

export function startCheckpoints(options: CheckpointsOptions): Checkpoints {
  const { store, sinks, intervalMs, logger } = options;
  const signer = createSigner(options);
  const lateness = createLateness(options);
  const deliveries = sinks.map((sink) => ({
    sink,
    repetition: repeat({
      name: `checkpoints to ${sink.name}`,
      turn: async () => {
        try {
          return await store.deliver(sink.name, sink.store);
        } finally {
          await lateness.look(sink);
        }
      },
      idleMs: intervalMs,
      retryMs: RETRY_MS,
      logger,
    }),
  }));
  const signing = repeat({
    name: 'signing of checkpoints',
    turn: async () => {
      if (await signer.sign()) for (const { repetition } of deliveries) repetition.wake();
      return false;
    },
    idleMs: intervalMs,
    retryMs: RETRY_MS,
    logger,
  });
  return {
    alarm: () => signer.alarm() ?? lateness.alarm(),
    close: async () => {
      await Promise.all([signing.close(), ...deliveries.map(({ repetition }) => repetition.close())]);
      await signer.sign();
      const rest = Promise.allSettled(deliveries.map(({ sink }) => deliverAll(store, sink)));
      const limit = new AbortController();
      await Promise.race([rest, pause(LAST_DELIVERY_LIMIT_MS, limit.signal)]).finally(() => limit.abort());
    },
  };
}

function createSigner(options: CheckpointsOptions) {
  const { store, ring, clock, logger } = options;
  const outside = createOutside(options);
  let alarm: string | undefined;
  /** The last one that this process has seen, and found to be right. */
  let seen: KnownCheckpoint | undefined;
  return {
    alarm: () => alarm,
    /** Whether something was signed. */
    sign: async (): Promise<boolean> => {
      if (alarm) return false;
      const known = [...(seen ? [seen] : []), ...(await outside())];
      const outcome = await signNext(store, ring, () => clock.now(), known);
      if (outcome.kind === 'refused') {
        alarm = outcome.problem;
        logger.error({ alarm: 'audit-log-rewritten' }, `nothing is signed any more: ${alarm}`);
      }
      if (outcome.kind === 'busy' || outcome.kind === 'refused') return false;
      if (outcome.checkpoint) seen = { checkpoint: outcome.checkpoint, by: 'this process' };
      if (outcome.kind !== 'signed') return false;
      if (outcome.newSigner) announce(outcome.newSigner, logger);
      return true;
    },
  };
}

function announce({ signerId, publicKey, endorsement }: Signer, logger: Logger): void {
  logger.info(
    {
      signerId,
      publicKey: Buffer.from(publicKey).toString('base64url'),
      endorsedBy: endorsement?.signerId ?? null,
    },
    'a new key signs checkpoints: whoever verifies the log has to know it, or the one that vouches for it',
  );
}

/**
 * What the places outside have, each asked until it has answered once: whatever is signed from then on is remembered.
 * One that does not answer keeps nothing from being signed.
 */
function createOutside({ store, sinks, logger }: CheckpointsOptions) {
  const unasked = new Set(sinks);
  const known: KnownCheckpoint[] = [];
  return async (): Promise<readonly KnownCheckpoint[]> => {
    if (unasked.size === 0) return known;
    const { logId, marks } = await store.delivered();
    await Promise.all(
      [...unasked].map(async (sink) => {
        const mark = marks.find((one) => one.sink === sink.name)?.chainSeq ?? 0;
        try {
          const checkpoint = await sink.last(logId, mark);
          if (checkpoint) known.push({ checkpoint, by: sink.name });
          unasked.delete(sink);
        } catch (err) {
          logger.warn({ err }, `what ${sink.name} has can't be compared with the log; trying again`);
        }
      }),
    );
    return known;
  };
}

function createLateness({ store, clock }: CheckpointsOptions) {
  const waiting = new Map<string, Date | undefined>();
  return {
    look: async ({ name }: CheckpointSink) => {
      waiting.set(name, await store.waitingSince(name));
    },
    alarm: (): string | undefined => {
      for (const [name, since] of waiting)
        if (since && clock.now() - since.getTime() > LATE_MS)
          return `checkpoints since ${since.toISOString()} are not in ${name} yet`;
      return undefined;
    },
  };
}

async function deliverAll(store: CheckpointStore, sink: CheckpointSink): Promise<void> {
  while (await store.deliver(sink.name, sink.store));
}
