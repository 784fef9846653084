/** What the local servers have in common. */
import type { RunningProcess } from '../os/processes.ts';

export interface Backend {
  process: RunningProcess;
  port: number;
  /** Ends it in order; resolves when it is gone. */
  stop(): Promise<void>;
}

/** Where a server keeps its things. The folders must exist. */
export interface BackendOptions {
  /** 127.0.0.1:`port` is what it listens on; nothing else. */
  port: number;
  /** A folder of its own; kept over restarts. */
  dataDirectory: string;
  logFile: string;
  env: NodeJS.ProcessEnv;
  /** Told of the process as soon as it runs, long before it is ready, and of how to end it. */
  onStart?: (process: RunningProcess, stop: () => Promise<void>) => void;
}

export const LOOPBACK = '127.0.0.1';

/** How long a server may take to answer at first; far more than it takes on an idle machine. */
export const READY_LIMIT_MS = 60_000;
