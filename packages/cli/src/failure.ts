/** What can go wrong, as the command's user is told of it. */

/** Exit codes: stable, documented in docs/reference/cli.md. Add, never change. */
export const EXIT_CODES = {
  /** A defect, of the command or of the gateway. */
  internal: 1,
  /** The command line is wrong, or a confirmation can't be asked for. */
  usage: 2,
  /** No key, an unusable profile or address, a file that can't be written. */
  configuration: 3,
  unauthenticated: 4,
  forbidden: 5,
  not_found: 6,
  conflict: 7,
  /** The gateway finds the values wrong. */
  invalid: 8,
  rate_limited: 9,
  /** The gateway can't be reached, or what it needs can't. */
  unavailable: 10,
  /** What was to be checked is not as it should be. */
  incomplete: 11,
  /** The audit log, or an export of it, is not what was recorded. */
  broken: 12,
  /** By Ctrl-C, a signal, or the answer no. */
  cancelled: 130,
} as const;

export type FailureKind = keyof typeof EXIT_CODES;

export interface FailureOptions {
  /** What to do next: whole sentences, one a line. */
  advice?: readonly string[];
  requestId?: string | undefined;
  cause?: unknown;
}

/** The command's one error type. Its texts may hold what a server sent: they are made printable on output. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly kind: FailureKind;
  readonly advice: readonly string[];
  readonly requestId: string | undefined;

  constructor(kind: FailureKind, message: string, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.advice = options.advice ?? [];
    this.requestId = options.requestId;
  }
}

/** The reader of our output has gone: nothing is wrong, and nobody is left to tell. */
export class BrokenPipe extends Error {
  override readonly name = 'BrokenPipe';
}

/** Its user has ended what goes on until they do, with Ctrl-C: nothing is wrong. */
export class Ended extends Error {
  override readonly name = 'Ended';
}

/** The operating system's code of an error, e.g. `ENOENT`. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}
