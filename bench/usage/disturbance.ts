/** What a service has to live through: it is killed every ten seconds, its broker and its database are restarted. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { IngestSetting } from './ingest-setting.ts';

const KILL_EVERY_MS = 10_000;
/** After the beginning, as a share of the time. */
const BROKER_RESTARTS_AT = 0.42;
const DATABASE_RESTARTS_AT = 0.75;

export async function disturb(setting: IngestSetting, lengthMs: number): Promise<{ kills: number }> {
  const startMs = performance.now();
  const at = (sinceMs: number) => sleep(Math.max(startMs + sinceMs - performance.now(), 0));
  let kills = 0;
  const killing = async () => {
    for (let sinceMs = KILL_EVERY_MS; sinceMs < lengthMs; sinceMs += KILL_EVERY_MS) {
      await at(sinceMs);
      await setting.service.killAndRestart();
      kills += 1;
    }
  };
  const restarting = async (share: number, server: IngestSetting['nats']) => {
    await at(share * lengthMs);
    await server.stop();
    await server.start();
  };
  await Promise.all([
    at(lengthMs),
    killing(),
    restarting(BROKER_RESTARTS_AT, setting.nats),
    restarting(DATABASE_RESTARTS_AT, setting.postgres),
  ]);
  return { kills };
}
