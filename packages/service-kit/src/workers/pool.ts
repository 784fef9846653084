/** Worker processes that serve together: replaced when they die, renewed one after the other. */
import type { Clock } from '../clock.ts';
import type { HealthReport } from '../health.ts';
import { StartupError } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { MAX_SHORT_LIVES, RestartPace } from './restart-pace.ts';

export interface WorkerExit {
  code: number | null;
  signal: string | null;
}

export interface WorkerProcess {
  readonly pid: number | undefined;
  /** Resolves when it serves; never if it ends before. */
  readonly started: Promise<void>;
  readonly exited: Promise<WorkerExit>;
  health(): Promise<HealthReport>;
  /** Lets it finish what it has under way in its own time, and end; it serves nothing new. */
  retire(): void;
  /** SIGTERM: the same, in STOP_LIMIT_MS. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

export interface WorkerPoolOptions {
  count: number;
  /** What a worker that was replaced may take to finish what it has under way. */
  drainMs: number;
  /** Starts a worker that takes the place of this number, from 1. */
  fork: (number: number) => WorkerProcess;
  clock: Clock;
  /** Runs a task once, after a delay. The result cancels it. */
  after: (delayMs: number, task: () => void) => () => void;
  logger: Logger;
  /** Told once, when workers don't live long enough to go on. */
  onGiveUp: (error: Error) => void;
}

/** A place in the pool: who has it may change. */
interface Place {
  readonly number: number;
  readonly pace: RestartPace;
  worker: WorkerProcess | undefined;
  sinceMs: number;
  cancelRestart: () => void;
}

const START_LIMIT_MS = 60_000;
/** A successor that can't serve as well as the one before by then never gets its place. */
const READY_LIMIT_MS = 30_000;
const READY_POLL_MS = 50;
/** A service takes 25 s at most; their parent, which is one too, must be left time to end them. */
const STOP_LIMIT_MS = 24_000;

export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #places: Place[];
  /** All that run: those that have a place, their successors, and those that are on their way out. */
  readonly #running = new Set<WorkerProcess>();
  /** Those that were told to end. */
  readonly #leaving = new WeakSet<WorkerProcess>();
  #isStopping = false;
  #isRenewing = false;
  #renewsAgain = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#places = Array.from({ length: options.count }, (_, index) => ({
      number: index + 1,
      pace: new RestartPace(),
      worker: undefined,
      sinceMs: 0,
      cancelRestart: () => {},
    }));
  }

  /**
   * Starts all workers; resolves when they serve. The first one goes ahead alone: what keeps it from
   * starting would keep all of them, and is to be said once. Throws StartupError if it ends.
   */
  async start(): Promise<void> {
    const [first, ...others] = this.#places as [Place, ...Place[]];
    const goingAhead = this.#fork(first);
    const ended = await endAtStart(goingAhead);
    if (ended && !this.#isStopping)
      throw new StartupError(
        `The first worker did not start (${explained(ended)}): see what it wrote before this.`,
      );
    if (this.#isStopping) return;
    this.#seat(first, goingAhead);
    await Promise.all(others.map((place) => endAtStart(this.#employ(place))));
  }

  /** Ready while one of them is; by worker, what it says of itself. */
  async health(): Promise<HealthReport> {
    const reports = await Promise.all(
      this.#places.map(async ({ number, worker }) => [number, await reportOf(worker)] as const),
    );
    return {
      ready: reports.some(([, { ready }]) => ready),
      checks: Object.fromEntries(reports.map(([number, report]) => [`worker ${number}`, summary(report)])),
    };
  }

  /**
   * Replaces one worker after the other, each only when its successor is ready; nobody waits until the former
   * ones have finished what they have under way. If one does not get ready, it is ended, the rest stay as
   * they are, and the log says so. Called meanwhile, it does it once more.
   */
  async renew(): Promise<void> {
    this.#renewsAgain = this.#isRenewing;
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    try {
      do {
        this.#renewsAgain = false;
        await this.#renewAll();
      } while (this.#renewsAgain && !this.#isStopping);
    } finally {
      this.#isRenewing = false;
    }
  }

  /** Lets all of them finish what is in flight, and ends those that take too long. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const place of this.#places) place.cancelRestart();
    await Promise.all([...this.#running].map((worker) => this.#dismiss(worker)));
  }

  async #renewAll(): Promise<void> {
    const { logger } = this.#options;
    logger.info({ workers: this.#places.length }, 'all workers are replaced, one after the other');
    for (const place of this.#places) {
      if (this.#isStopping) return;
      const successor = this.#fork(place);
      if (!(await this.#becomesReady(successor))) {
        if (this.#isStopping) return;
        logger.error(
          { worker: place.number },
          'a new worker does not get ready: the others stay as they are',
        );
        return void (await this.#dismiss(successor));
      }
      this.#handOver(place, successor);
    }
    logger.info({ workers: this.#places.length }, 'all workers have been replaced');
  }

  #handOver(place: Place, successor: WorkerProcess): void {
    const { worker: former } = place;
    place.cancelRestart();
    this.#seat(place, successor);
    if (former) this.#retire(former);
  }

  /** Starts a worker for a place that nobody has. */
  #employ(place: Place): WorkerProcess {
    const worker = this.#fork(place);
    this.#seat(place, worker);
    return worker;
  }

  #seat(place: Place, worker: WorkerProcess): void {
    place.worker = worker;
    place.sinceMs = this.#options.clock.monotonic();
    void worker.exited.then((exit) => {
      if (place.worker === worker) this.#replace(place, exit);
    });
  }

  #replace(place: Place, exit: WorkerExit): void {
    const { logger, clock, after, onGiveUp } = this.#options;
    place.worker = undefined;
    if (this.#isStopping) return;
    const delayMs = place.pace.afterLifeOf(clock.monotonic() - place.sinceMs);
    logger.error({ worker: place.number, ...exit, delayMs }, 'a worker ended that nobody had told to');
    if (delayMs !== undefined) {
      place.cancelRestart = after(delayMs, () => this.#employ(place));
      return;
    }
    this.#isStopping = true;
    onGiveUp(
      new Error(
        `Worker ${place.number} ended ${MAX_SHORT_LIVES} times in a row soon after its start, last with ${explained(exit)}: see its last lines above.`,
      ),
    );
  }

  #fork(place: Place): WorkerProcess {
    const { fork, after, logger } = this.#options;
    const worker = fork(place.number);
    this.#running.add(worker);
    logger.info({ worker: place.number, pid: worker.pid }, 'a worker starts');
    const cancelLimit = after(START_LIMIT_MS, () => {
      logger.error({ worker: place.number, pid: worker.pid }, 'a worker does not come up and is ended');
      worker.signal('SIGKILL');
    });
    void worker.started.then(cancelLimit);
    void worker.exited.then((exit) => {
      cancelLimit();
      this.#running.delete(worker);
      if (this.#leaving.has(worker) && exit.code !== 0)
        logger.warn({ pid: worker.pid, ...exit }, 'a worker did not end cleanly');
    });
    return worker;
  }

  async #becomesReady(worker: WorkerProcess): Promise<boolean> {
    const { promise: over, resolve: end } = Promise.withResolvers<void>();
    const cancelLimit = this.#options.after(READY_LIMIT_MS, end);
    let isOver = false;
    void over.then(() => {
      isOver = true;
    });
    void worker.exited.then(() => end());
    await Promise.race([worker.started, over]);
    let isReady = false;
    while (!isReady && !isOver) {
      isReady = (await reportOf(worker)).ready;
      if (!isReady) await this.#pause(READY_POLL_MS);
    }
    cancelLimit();
    return isReady && !isOver;
  }

  #retire(worker: WorkerProcess): void {
    const { after, logger, drainMs } = this.#options;
    this.#leaving.add(worker);
    worker.retire();
    const cancelLimit = after(drainMs, () => {
      logger.warn(
        { pid: worker.pid, drainMs },
        'a replaced worker has requests under way still, and is ended',
      );
      void this.#dismiss(worker);
    });
    void worker.exited.then(cancelLimit);
  }

  async #dismiss(worker: WorkerProcess): Promise<void> {
    this.#leaving.add(worker);
    worker.signal('SIGTERM');
    const cancelLimit = this.#options.after(STOP_LIMIT_MS, () => worker.signal('SIGKILL'));
    await worker.exited;
    cancelLimit();
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#options.after(delayMs, resolve);
    });
  }
}

/** Resolves when the worker serves, with nothing, or else with its end. */
function endAtStart(worker: WorkerProcess): Promise<WorkerExit | undefined> {
  return Promise.race([worker.started.then(() => undefined), worker.exited]);
}

async function reportOf(worker: WorkerProcess | undefined): Promise<HealthReport> {
  if (!worker) return { ready: false, checks: { process: 'is being started again' } };
  try {
    return await worker.health();
  } catch (error) {
    return { ready: false, checks: { process: (error as Error).message } };
  }
}

function summary({ ready, checks }: HealthReport): string {
  if (ready) return 'ok';
  const failing = Object.entries(checks).filter(([, outcome]) => outcome !== 'ok');
  return failing.map(([name, outcome]) => `${name}: ${outcome}`).join('; ');
}

function explained({ code, signal }: WorkerExit): string {
  return signal === null ? `exit code ${code}` : signal;
}
