/** A server that a test may break: paused, stopped, killed and started again at the same address. */
import { rm } from 'node:fs/promises';
import { type Backend, signalTree } from '@hokusai/local-stack';
import { freezeTree } from './freeze.ts';
import { closeAtEnd, watch } from './run.ts';

export interface TestServer extends AsyncDisposable {
  /** Freezes the whole process tree: connections stay open, nothing answers. */
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** Ends it in order. */
  stop(): Promise<void>;
  /** Ends it at once (SIGKILL). */
  kill(): Promise<void>;
  /** Starts it again, with the same address and data; resolves when it is ready. */
  start(): Promise<void>;
  /** Ends it for good. */
  close(): Promise<void>;
}

/** How to do these things to one particular server. */
export interface ServerControl {
  start(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  /** After it was stopped. */
  remove(): Promise<void>;
}

type State = 'running' | 'paused' | 'stopped';

/** Starts a server and keeps track of what state it is in, so that `close` works in each. */
export async function startServer(control: ServerControl): Promise<TestServer> {
  let state: State = 'stopped';
  const resume = async () => {
    if (state !== 'paused') return;
    await control.resume();
    state = 'running';
  };
  const stop = async () => {
    await resume();
    if (state === 'stopped') return;
    await control.stop();
    state = 'stopped';
  };
  const start = async () => {
    if (state !== 'stopped') throw new Error(`the server is ${state}; only a stopped one can be started`);
    await control.start();
    state = 'running';
  };
  const close = closeAtEnd(async () => {
    await stop();
    await control.remove();
  });
  await start();
  return {
    start,
    stop,
    resume,
    close,
    pause: async () => {
      if (state !== 'running') throw new Error(`the server is ${state}; only a running one can be paused`);
      await control.pause();
      state = 'paused';
    },
    kill: async () => {
      if (state !== 'stopped') await control.kill();
      state = 'stopped';
    },
    [Symbol.asyncDispose]: close,
  };
}

/**
 * For a server that is a local process; `launch` must give it the same address each time. Its folder goes with
 * it: the folders of a whole run would take long to remove at the end.
 */
export function processControl(folder: string, launch: () => Promise<Backend>): ServerControl {
  let backend: Backend | undefined;
  const signal = (name: NodeJS.Signals) => {
    if (backend) signalTree(backend.process.pid, name);
    return Promise.resolve();
  };
  return {
    start: async () => {
      backend = await launch();
      watch(backend.process.pid, backend.process.exited);
    },
    stop: async () => backend?.stop(),
    kill: async () => {
      await signal('SIGKILL');
      await backend?.process.exited;
    },
    pause: async () => {
      if (backend) await freezeTree(backend.process.pid);
    },
    resume: () => signal('SIGCONT'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** For a server that was there before: it can be used, not broken. */
export function foreignServer(variable: string, cleanUp: () => Promise<void> = async () => {}): TestServer {
  const refuse = () =>
    Promise.reject(
      new Error(`the server of ${variable} isn't ours to stop or pause; unset ${variable} for this test`),
    );
  const close = closeAtEnd(cleanUp);
  return {
    pause: refuse,
    resume: refuse,
    stop: refuse,
    kill: refuse,
    start: refuse,
    close,
    [Symbol.asyncDispose]: close,
  };
}
