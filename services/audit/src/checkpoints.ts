/** Signs checkpoints while there is activity, and takes them out of the database. */
import { type Clock, type Logger, pause, repeat } from '@hokusai/service-kit';
import { signNext } from './application/sign-checkpoint.ts';
import type { CheckpointSink, CheckpointStore } from './domain/checkpoint-ports.ts';
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
  /** Why nothing is signed, where the log is not the one that was signed before. */
  alarm(): string | undefined;
  /** Signs once more, and tries once more to take it out. */
  close(): Promise<void>;
}

const RETRY_MS = 5000;
/** What is left then is taken out after the next start. */
const LAST_DELIVERY_LIMIT_MS = 5000;

export function startCheckpoints(options: CheckpointsOptions): Checkpoints {
  const { store, sinks, intervalMs, logger } = options;
  const signer = createSigner(options);
  const deliveries = sinks.map((sink) => ({
    sink,
    repetition: repeat({
      name: `checkpoints to ${sink.name}`,
      turn: () => store.deliver(sink.name, sink.store),
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
    alarm: signer.alarm,
    close: async () => {
      await Promise.all([signing.close(), ...deliveries.map(({ repetition }) => repetition.close())]);
      await signer.sign();
      const rest = Promise.allSettled(deliveries.map(({ sink }) => deliverAll(store, sink)));
      const limit = new AbortController();
      await Promise.race([rest, pause(LAST_DELIVERY_LIMIT_MS, limit.signal)]).finally(() => limit.abort());
    },
  };
}

function createSigner({ store, ring, clock, logger }: CheckpointsOptions) {
  let alarm: string | undefined;
  return {
    alarm: () => alarm,
    /** Whether something was signed. */
    sign: async (): Promise<boolean> => {
      const outcome = await signNext(store, ring, () => clock.now());
      const problem = outcome.kind === 'refused' ? outcome.problem : undefined;
      if (problem && problem !== alarm)
        logger.error({ alarm: 'audit-log-rewritten' }, `nothing is signed any more: ${problem}`);
      if (outcome.kind !== 'busy') alarm = problem;
      if (outcome.kind !== 'signed') return false;
      const { newSigner } = outcome;
      if (newSigner)
        logger.info(
          {
            signerId: newSigner.signerId,
            publicKey: Buffer.from(newSigner.publicKey).toString('base64url'),
            endorsedBy: newSigner.endorsement?.signerId ?? null,
          },
          'a new key signs checkpoints: whoever verifies the log has to know it, or the one that vouches for it',
        );
      return true;
    },
  };
}

async function deliverAll(store: CheckpointStore, sink: CheckpointSink): Promise<void> {
  while (await store.deliver(sink.name, sink.store));
}
