/** The usage service as a process that is killed and started again, with what it takes over all its lives. */
import { residentBytes, spawnService } from '@hokusai/testing';
import { cpuSecondsOf } from '../lib/processor-time.ts';

export interface UsageProcess {
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
export async function startUsageService(
  env: Readonly<Record<string, string>>,
  { readyUrl }: { readyUrl?: null } = {},
): Promise<UsageProcess> {
  const start = () =>
    spawnService({
      entry: 'services/usage/src/main.ts',
      env: { ...env, NODE_ENV: 'production' },
      ...(readyUrl === null ? { readyUrl } : {}),
      readyTimeoutMs: READY_LIMIT_MS,
    });
  let service = await start();
  let peak = 0;
  setInterval(() => {
    peak = Math.max(peak, residentBytes(service.pid));
  }, WATCH_MS).unref();
  return {
    killAndRestart: async () => {
      service.signal('SIGKILL');
      await service.exited;
      service = await start();
    },
    peakResidentBytes: () => peak,
    cpuSeconds: () => cpuSecondsOf(service.pid),
    stop: async () => {
      await service.stop();
    },
  };
}
