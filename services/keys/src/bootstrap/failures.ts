/** What a person is told whose `bootstrap-admin` failed, and by which exit code scripts know it (sysexits(3)). */
import { HokusaiError } from '@hokusai/contracts';
import { ConfigError, EXIT_CONFIG, EXIT_USAGE } from '@hokusai/service-kit';
import { UsageError } from './arguments.ts';
import { KeyFileError } from './key-file.ts';

export interface Failure {
  message: string;
  exitCode: number;
}

const EXIT_UNAVAILABLE = 69;
const EXIT_CANT_CREATE = 73;

const SEE_HELP = 'See hokusai-keys bootstrap-admin --help.';
/** SQLSTATE undefined_table and undefined_column. */
const NO_SCHEMA = new Set(['42P01', '42703']);

/** Where something may have been changed nevertheless, the message says so; otherwise it is not repeated here. */
export function explainFailure(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof UsageError) return { message: `${message}\n${SEE_HELP}`, exitCode: EXIT_USAGE };
  if (error instanceof ConfigError) return { message: `${message}\n${CONFIG_HINT}`, exitCode: EXIT_CONFIG };
  if (error instanceof KeyFileError) return { message, exitCode: EXIT_CANT_CREATE };
  if (error instanceof HokusaiError) return explainRefusal(error);
  if (NO_SCHEMA.has(String((error as { code?: unknown } | null)?.code)))
    return {
      message: `${message}: the database is not migrated\n${MIGRATE_HINT}`,
      exitCode: EXIT_UNAVAILABLE,
    };
  return { message, exitCode: 1 };
}

const CONFIG_HINT = `It needs the environment of the keys service; the file may be named by --file as well. ${SEE_HELP}`;
const DATABASE_HINT =
  'Is it running, and does KEYS_DATABASE_URL name it? The URL is that of the primary, with the role of the service.';
const MIGRATE_HINT = 'Run services/keys/src/migrate.ts first.';

function explainRefusal(error: HokusaiError): Failure {
  if (error.code === 'unprocessable') {
    const lines = error.violations.map(({ path, message }) => `${path}: ${message}`);
    return { message: `${lines.join('\n')}\n${SEE_HELP}`, exitCode: EXIT_USAGE };
  }
  if (error.code !== 'unavailable') return { message: error.message, exitCode: 1 };
  const cause = error.cause instanceof Error ? ` (${causeOf(error.cause)})` : '';
  return { message: `${error.message}${cause}\n${DATABASE_HINT}`, exitCode: EXIT_UNAVAILABLE };
}

/** Of several addresses that were tried, each has its own. */
function causeOf(cause: Error): string {
  if (!(cause instanceof AggregateError)) return cause.message;
  return cause.errors.map((one: unknown) => (one instanceof Error ? one.message : String(one))).join('; ');
}
