/** The command lines of a service's programs: what they don't know stops them before they do anything. */
import { parseArgs } from 'node:util';
import { EXIT_USAGE } from './config.ts';
import { WORKER_OPTION } from './workers/messages.ts';

/** A command line that asks for no work: what is said of it, and how the program ends. */
export interface Unserved {
  text: string;
  exitCode: number;
}

export interface ServiceArguments {
  /** Reads the configuration, and ends. */
  checkConfig: boolean;
  /** The same, and shows what is in force. */
  printConfig: boolean;
  /** Started by a parent, which tells what is to be told once. */
  isWorker: boolean;
}

const WORKER = WORKER_OPTION.slice('--'.length, -'='.length);
const HELP = { help: { type: 'boolean', short: 'h' } } as const;
const SERVICE_OPTIONS = {
  ...HELP,
  'check-config': { type: 'boolean' },
  'print-config': { type: 'boolean' },
  [WORKER]: { type: 'string' },
} as const;

const SERVICE_USAGE = `Runs the service, with its configuration from the environment, until SIGTERM or SIGINT.

  --check-config  only says what is wrong with the configuration
  --print-config  the same, and prints what is in force, without secrets
  -h, --help      this text

Exit code: 0 a clean stop; 64 wrong arguments; 78 wrong configuration; 1 anything else.
`;

const MIGRATION_USAGE = `Brings the schema of the service's database up to date, with its configuration from the environment. It takes no
arguments but --help.

Exit code: 0 done; 64 wrong arguments; 78 wrong configuration; 1 anything else.
`;

/** @param args what stands behind the program's name */
export function readServiceArguments(args: readonly string[]): ServiceArguments | Unserved {
  return read(args, SERVICE_OPTIONS, SERVICE_USAGE, (given) => ({
    checkConfig: given['check-config'] === true,
    printConfig: given['print-config'] === true,
    isWorker: given[WORKER] !== undefined,
  }));
}

/** @param args what stands behind the program's name */
export function readMigrationArguments(args: readonly string[]): Unserved | undefined {
  return read(args, HELP, MIGRATION_USAGE, () => undefined);
}

export function isUnserved(read: object | undefined): read is Unserved {
  return read !== undefined && 'exitCode' in read;
}

/** Help goes to standard output, what is wrong to standard error. */
export function tellUnserved({ text, exitCode }: Unserved): void {
  (exitCode === 0 ? process.stdout : process.stderr).write(text);
}

function read<Result>(
  args: readonly string[],
  options: Readonly<Record<string, { type: 'boolean' | 'string'; short?: string }>>,
  usage: string,
  take: (given: Readonly<Record<string, unknown>>) => Result,
): Result | Unserved {
  try {
    const { values } = parseArgs({ args: [...args], options, strict: true });
    return values['help'] === true ? { text: usage, exitCode: 0 } : take(values);
  } catch (error) {
    return { text: `${(error as Error).message}\n\n${usage}`, exitCode: EXIT_USAGE };
  }
}
