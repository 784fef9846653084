/** What may happen in the model, and how often in comparison. */
import type { ModelDatabase } from './database.ts';
import type { ModelReplica } from './follow-server.ts';
import type { ModelGateway } from './gateway.ts';
import type { ModelRedis } from './redis.ts';

/** Whom it may happen to. */
export interface Scene {
  database: ModelDatabase;
  redis: ModelRedis;
  gateway: ModelGateway;
  replica: ModelReplica;
  keyId: string;
  /** Chooses among what there is. */
  choice: number;
  /** A request with the key comes to the gateway. */
  use(): void;
  /** The gateway's process ends, and a new one takes its place. */
  replaceGateway(): void;
}

type Happening = readonly [weight: number, happen: (scene: Scene) => void];

const HAPPENINGS: readonly Happening[] = [
  [80, ({ database, keyId }) => database.begin(keyId)],
  [70, ({ database, choice }) => database.finish(choice, true)],
  [10, ({ database, choice }) => database.finish(choice, false)],
  [80, ({ gateway }) => gateway.ping()],
  [80, ({ gateway }) => gateway.deliverPing()],
  [80, ({ gateway }) => gateway.look()],
  [80, ({ gateway }) => gateway.tell()],
  [100, ({ gateway }) => gateway.deliverTold()],
  [60, ({ gateway }) => gateway.roundTrip()],
  [170, ({ use }) => use()],
  [90, ({ gateway, choice }) => gateway.readQuestion(choice)],
  [90, ({ gateway, choice }) => gateway.answerQuestion(choice)],
  [8, ({ gateway, choice }) => gateway.failQuestion(choice)],
  [8, ({ gateway, replica }) => gateway.connect(replica)],
  [8, ({ replica }) => replica.stall()],
  [30, ({ replica }) => replica.goOn()],
  [3, ({ gateway }) => gateway.cutOff()],
  [12, ({ gateway }) => gateway.mend()],
  [2, ({ gateway, choice }) => gateway.clock.set((choice - 16) * 500)],
  [2, ({ replaceGateway }) => replaceGateway()],
  [8, ({ redis, choice }) => Object.assign(redis, { isSlow: choice % 2 === 0 })],
  [40, ({ redis, choice }) => redis.land(choice)],
  [2, ({ redis }) => redis.save()],
  [4, ({ redis }) => redis.flush()],
  [4, ({ redis }) => redis.restore()],
  [3, ({ database }) => database.backUp()],
  [4, ({ database, choice }) => database.restart(choice % 2 === 0 ? undefined : choice)],
  [2, ({ database }) => database.trim()],
];

/** `happen` takes a number below it. */
export const HAPPENING_COUNT = HAPPENINGS.reduce((sum, [weight]) => sum + weight, 0);

export function happen(number: number, scene: Scene): void {
  let end = 0;
  const chosen = HAPPENINGS.find(([weight]) => {
    end += weight;
    return number < end;
  });
  chosen?.[1](scene);
}
