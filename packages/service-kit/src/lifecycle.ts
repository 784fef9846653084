/** Start and stop of a service process: what was opened last is closed first, on a signal or a failure. */
import { ConfigError, EXIT_CONFIG } from './config.ts';
import type { DoubtfulVariable } from './config-doubts.ts';
import type { Logger } from './log.ts';
import { isUnserved, readServiceArguments, tellUnserved } from './service-arguments.ts';

/** `hurry` is aborted once somebody waits for the end: what takes its time is then to be cut short. */
type Close = (hurry: AbortSignal) => unknown;

/** A reason not to start that is no defect, as a port in use: its message says what to do, and is all that is shown. */
export class StartupError extends Error {
  override readonly name = 'StartupError';
}

/** Things to close, in reverse order of opening. */
export class Lifecycle {
  readonly #closers: { name: string; close: Close }[] = [];
  readonly #onFailure: (error: unknown) => void;
  readonly #onRetire: () => void;
  readonly #hurry = new AbortController();
  #closing: Promise<void> | undefined;

  constructor(onFailure: (error: unknown) => void = () => {}, onRetire = () => {}) {
    this.#onFailure = onFailure;
    this.#onRetire = onRetire;
  }

  /** Ends the service for something that went wrong after its start. */
  fail(error: unknown): void {
    this.#onFailure(error);
  }

  /** Ends the service in its own time: it finishes all that is in flight, unless a signal makes it hurry. */
  retire(): void {
    this.#onRetire();
  }

  /** Has what is closed, now or later, cut short. */
  hurry(): void {
    this.#hurry.abort();
  }

  /** Registers what closes `name`. */
  onClose(name: string, close: Close): void {
    this.#closers.push({ name, close });
  }

  /** Closes everything once; a failing one is reported and the rest go on. */
  close(report: (name: string, error: unknown) => void): Promise<void> {
    this.#closing ??= this.#closeAll(report);
    return this.#closing;
  }

  async #closeAll(report: (name: string, error: unknown) => void): Promise<void> {
    for (const { name, close } of this.#closers.toReversed()) {
      try {
        await close(this.#hurry.signal);
      } catch (error) {
        report(name, error);
      }
    }
  }
}

/** A service may take that long to finish what is in flight before it is ended all the same. */
const SHUTDOWN_LIMIT_MS = 25_000;

/** As `defineConfig` makes one. */
export interface RunConfiguration<Config> {
  load(): Config;
  print(config: Config): string;
  doubts(): readonly DoubtfulVariable[];
}

/**
 * Runs a service until SIGTERM or SIGINT: exit 0 after a clean stop, 78 for a wrong configuration, 1 for
 * anything else. `start` returns when the service is ready. With `--check-config` on the command line it only
 * reads the configuration: exit 0 or 78; with `--print-config` it also prints what is in force. For an argument that it
 * does not know: exit 64.
 */
export function runService<Config>(
  configuration: RunConfiguration<Config>,
  start: (config: Config, lifecycle: Lifecycle) => Promise<Logger>,
): void {
  const lifecycle = new Lifecycle(
    (error) => fail(error),
    () => end(),
  );
  let logger: Logger | undefined;
  let isEnding = false;
  let isStopping = false;
  let exitCode = 0;
  const end = () => {
    if (isEnding) return;
    isEnding = true;
    const report = (name: string, error: unknown) => logger?.error({ err: error }, `closing ${name} failed`);
    void lifecycle.close(report).then(() => process.exit(exitCode));
  };
  const stop = (code: number) => {
    // The first failure tells, also in the middle of an end that began well.
    exitCode ||= code;
    if (isStopping) return;
    isStopping = true;
    // unref: the limit itself must not keep a stopped process alive.
    setTimeout(() => process.exit(exitCode || 1), SHUTDOWN_LIMIT_MS).unref();
    lifecycle.hurry();
    end();
  };
  const fail = (error: unknown) => {
    if (error instanceof ConfigError || error instanceof StartupError)
      process.stderr.write(`${error.message}\n`);
    else if (logger) logger.fatal({ err: error }, 'the service failed');
    else process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    stop(error instanceof ConfigError ? EXIT_CONFIG : 1);
  };
  // Again and again: a signal to all processes of a group is followed by the one that a parent passes on.
  process.on('SIGTERM', () => stop(0));
  // Whoever types Ctrl-C a second time wants the end at once.
  process.once('SIGINT', () => stop(0));
  process.once('uncaughtException', fail);
  process.once('unhandledRejection', fail);
  const run = async () => {
    const given = readServiceArguments(process.argv.slice(2));
    if (isUnserved(given)) {
      tellUnserved(given);
      return stop(given.exitCode);
    }
    const config = configuration.load();
    if (given.printConfig) process.stdout.write(configuration.print(config));
    const doubts = configuration.doubts();
    if (given.printConfig || given.checkConfig) {
      process.stderr.write(doubts.map((doubt) => `${wordsOf(doubt)}\n`).join(''));
      return stop(0);
    }
    logger = await start(config, lifecycle);
    // The parent of workers has said it.
    if (!given.isWorker) for (const doubt of doubts) logger.warn(wordsOf(doubt));
    logger.info('ready');
  };
  run().catch(fail);
}

function wordsOf({ name, nearest }: DoubtfulVariable): string {
  return `${name}: no such variable is read; ${nearest} is, and is not set`;
}
