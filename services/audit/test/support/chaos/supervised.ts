/** A process of ours that is started again whenever it ends, as a supervisor of a deployment does. */
import { setTimeout as pause } from 'node:timers/promises';
import { eventually, spawnService, type TestService } from '@hokusai/testing';

export interface Supervised {
  /** Ends it at once (SIGKILL), whatever it is at; it comes back by itself. */
  kill(): void;
  /** Resolves when it says that it is ready. */
  ready(): Promise<void>;
  /** What all of its lives have printed. */
  output(): string;
  close(): Promise<void>;
}

const RESTART_AFTER_MS = 200;
const READY_LIMIT_MS = 60_000;

export async function supervise(
  entry: string,
  env: Readonly<Record<string, string>> & { HEALTH_PORT: string },
): Promise<Supervised> {
  let isClosing = false;
  const lives: TestService[] = [];
  const start = async () => {
    const life = await spawnService({ entry, env, readyUrl: null });
    lives.push(life);
    return life;
  };
  const watch = async (first: TestService) => {
    for (let life = first; ; life = await start()) {
      await life.exited;
      if (isClosing) return;
      await pause(RESTART_AFTER_MS);
      if (isClosing) return;
    }
  };
  const watching = watch(await start());
  const output = () => lives.map((life) => life.output()).join('');
  const ask = async () => {
    const signal = AbortSignal.timeout(2000);
    const answer = await fetch(`http://127.0.0.1:${env.HEALTH_PORT}/readyz`, { signal });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text);
  };
  const ready = () =>
    eventually(ask, { timeoutMs: READY_LIMIT_MS, intervalMs: 100 }).catch((error: Error) => {
      throw new Error(`${entry} is not ready: ${error.message}\n${output().slice(-2000)}`, { cause: error });
    });
  return {
    kill: () => lives.at(-1)?.signal('SIGKILL'),
    ready,
    output,
    close: async () => {
      isClosing = true;
      await lives.at(-1)?.stop();
      await watching;
    },
  };
}
