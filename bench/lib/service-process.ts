/** A service as a process that is killed and started again, with what it takes over all its lives. */
import { residentBytes, spawnService } from '@hokusai/testing';
import { cpuSecondsOf } from './processor-time.ts';

export interface ServiceProcess {
  /** Kills it at once (SIGKILL); resolves when another one is ready. */
  killAndRestart(): Promise<void>;
  /** The most memory that any of its lives had in use. */
  peakResidentBytes(): number;
  /** Processor time of the current life. */
  cpuSeconds(): number;
  stop(): Promise<void>;
}

const WATCH_MS = 100;
/** Long enough for a database that is being restarted. */
const READY_LIMIT_MS = 120_000;

/** @param readyUrl null: does not wait until it is ready */
export async function startService(
  service: 'audit' | 'usage',
  env: Readonly<Record<string, string>>,
  { readyUrl }: { readyUrl?: null } = {},
): Promise<ServiceProcess> {
  const start = () =>
    spawnService({
      entry: `services/${service}/src/main.ts`,
      env: { ...env, NODE_ENV: 'production' },
      ...(readyUrl === null ? { readyUrl } : {}),
      readyTimeoutMs: READY_LIMIT_MS,
    });
  let life = await start();
  let peak = 0;
  setInterval(() => {
    peak = Math.max(peak, residentBytes(life.pid));
  }, WATCH_MS).unref();
  return {
    killAndRestart: async () => {
      life.signal('SIGKILL');
      await life.exited;
      life = await start();
    },
    peakResidentBytes: () => peak,
    cpuSeconds: () => cpuSecondsOf(life.pid),
    stop: async () => {
      await life.stop();
    },
  };
}
