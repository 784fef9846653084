/**
 * The certificates and keys of a process as they are at the moment: whoever issues them replaces their files every
 * few weeks, and no process should have to end for it.
 *
 * The files are read again every few seconds rather than watched: what replaces them may rename a folder or a
 * symbolic link over them (as Kubernetes does), or do it on another machine, of which a watch hears nothing.
 */
import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { ConfigError, type ConfigOf, type Configuration, defineConfig } from '../config.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { pairProblems } from './pem.ts';
import { problemOf, type Validity, validitiesOf } from './validity.ts';

/** Those of NATS and Redis are read once, at the start: their clients take no others. */
const IS_RENEWABLE = /^(?:GATEWAY|[A-Z]+_GRPC)_TLS_(?:CERT|KEY|CA|CLIENT_CA)$/;
const INTERVAL_MS = 5000;

export interface CurrentCertificates<Config> {
  /** The configuration, with the certificates and keys that are in force. */
  now(): Config;
  /** Has it told whenever they change. What `use` throws is logged, and the former ones are kept. */
  onChange(use: (now: Config) => void): void;
  /** Of all that are in force, those too that are read once. */
  validities(): Validity[];
  /** New ones are there that can't be used, and have been told of. */
  hasRefused(): boolean;
}

/**
 * Reads the certificates and keys of a configuration's own servers and of gRPC (`…_TLS_CERT`, `_KEY`, `_CA`,
 * `_CLIENT_CA`) again every five seconds, and on SIGHUP, until the service is closed. What can't be used, such as a certificate whose key is not
 * there yet, is logged if it stays so, and the former ones remain in force. What is past its end, or not valid yet, is
 * warned of, and used.
 */
export function followCertificates<Known extends Configuration>(
  configuration: Known,
  config: ConfigOf<Known>,
  logger: Logger,
  lifecycle: Pick<Lifecycle, 'onClose'>,
  nowMs: () => number = Date.now,
): CurrentCertificates<ConfigOf<Known>> {
  const renewable = renewablePart(configuration.shape);
  const users: ((now: ConfigOf<Known>) => void)[] = [];
  let inForce = config;
  warnOfUseless(config, nowMs(), logger);
  const reader = new Reader(() => {
    const read = renewable.load();
    const isNew = Object.keys(renewable.shape).some(
      (name) => !isDeepStrictEqual(read[name], (inForce as typeof read)[name]),
    );
    if (!isNew) return;
    const next = { ...inForce, ...read };
    for (const use of users) use(next);
    inForce = next;
    logger.info({ certificates: describe(read) }, 'certificates have been renewed');
    warnOfUseless(read, nowMs(), logger);
  }, logger);
  const check = () => reader.check();
  const timer = setInterval(check, INTERVAL_MS);
  timer.unref();
  process.on('SIGHUP', check);
  lifecycle.onClose('certificates', () => {
    clearInterval(timer);
    process.removeListener('SIGHUP', check);
  });
  return {
    now: () => inForce,
    onChange: (use) => void users.push(use),
    validities: () => validitiesOf(inForce),
    hasRefused: () => reader.hasRefused,
  };
}

/** One problem is told once, and only if it is still there at the next look: two files are not replaced at once. */
class Reader {
  readonly #renew: () => void;
  readonly #logger: Logger;
  #problem: string | undefined;
  #told: string | undefined;

  constructor(renew: () => void, logger: Logger) {
    this.#renew = renew;
    this.#logger = logger;
  }

  get hasRefused(): boolean {
    return this.#told !== undefined;
  }

  check(): void {
    try {
      this.#renew();
      this.#problem = undefined;
      this.#told = undefined;
    } catch (error) {
      this.#tell(error instanceof ConfigError ? error.problems.join('; ') : (error as Error).message);
    }
  }

  #tell(problem: string): void {
    if (problem === this.#problem && problem !== this.#told) {
      this.#logger.error({ problem }, 'new certificates can not be used: the former ones stay in force');
      this.#told = problem;
    }
    this.#problem = problem;
  }
}

function renewablePart(shape: z.ZodRawShape): Configuration<z.ZodRawShape> {
  const part = Object.fromEntries(Object.entries(shape).filter(([name]) => IS_RENEWABLE.test(name)));
  const prefixes = Object.keys(part).flatMap((name) => /^(.*_TLS)_CERT$/.exec(name)?.[1] ?? []);
  return defineConfig(part, [
    (values: Readonly<Record<string, unknown>>) =>
      prefixes.flatMap((prefix) => pairProblems(prefix, values[`${prefix}_CERT`], values[`${prefix}_KEY`])),
  ]);
}

/** By variable, since when and until when. */
function describe(values: Readonly<Record<string, unknown>>): Record<string, string> {
  const iso = (ms: number) => new Date(ms).toISOString();
  return Object.fromEntries(
    validitiesOf(values).map(({ variable, fromMs, untilMs }) => [
      variable,
      `${iso(fromMs)} to ${iso(untilMs)}`,
    ]),
  );
}

/** It is in force all the same: whether a clock or a certificate is wrong can't be known here. */
function warnOfUseless(values: Readonly<Record<string, unknown>>, nowMs: number, logger: Logger): void {
  for (const validity of validitiesOf(values)) {
    const problem = problemOf(validity, nowMs);
    if (problem)
      logger.warn({ certificates: describe(values) }, `the certificate ${validity.variable} ${problem}`);
  }
}
