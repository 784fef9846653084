/** `hokusai doctor`: the SDK's diagnosis, for the environment that programs started here would have. */
import type { DiagnoseOptions, DiagnosisReport, ExperimentManagerConfig } from '@hokusai/ml-platform';
import type { Command } from 'commander';
import { DEFAULT_PROFILE } from '../../config/profiles.ts';
import { type Context, globalOptions } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { countUpTo } from '../../input/values.ts';
import { leaf, type ResultOptions, withResultOptions } from '../command.ts';
import { withDestination } from '../result.ts';
import { reportView } from './view.ts';

/** Where a gateway has MLflow, below its own address. */
const MLFLOW = '/mlflow';
const PYTHON = 'python3';

interface Options extends ResultOptions {
  trackingUri?: string;
  direct?: string;
  readOnly?: true;
  strict?: true;
  timeout: number;
  python: string;
}

export function doctor(context: Context): Command {
  const command = leaf('doctor', 'Find out why a connection fails: each step of the way, and what to do', [
    'hokusai doctor',
    'hokusai doctor --tracking-uri https://gateway.example/mlflow --read-only',
    'hokusai doctor --json > report.json',
  ])
    .option('--tracking-uri <uri>', 'look at this one, before --url and MLFLOW_TRACKING_URI')
    .option('--direct <url>', 'where MLflow may be reached past the gateway (default: port 5000 of its host)')
    .option('--read-only', 'write nothing on the server: leave the artifact round trip out')
    .option('--strict', 'exit with 11 if there are warnings')
    .option('--timeout <seconds>', 'wait so long for each answer, an hour at most', countUpTo(3600), 5)
    .option('--python <command>', 'the Python whose MLflow client is looked at', PYTHON);
  return withResultOptions(command, 'the report as JSON').action((options: Options) =>
    examine(context, command, options),
  );
}

async function examine(context: Context, command: Command, options: Options): Promise<void> {
  await withDestination(context, options, async (destination) => {
    const { config, argumentNames } = await settingsOf(context, command, options);
    const { diagnose } = await import('@hokusai/ml-platform');
    const report = await diagnose(config, diagnoseOptions(context, options, argumentNames));
    if (context.signal.aborted) throw cancelled(report);
    await destination.deliver(JSON.stringify(report), () => reportView(report, context.terminal.paper));
    conclude(context, report, options);
  });
}

/** With what the check that writes has left on the server. */
function cancelled({ checks }: DiagnosisReport): Failure {
  const left = checks.filter(({ name, status }) => name === 'artifacts' && status !== 'skipped');
  return new Failure('cancelled', 'Cancelled.', { advice: left.map(({ saw }) => saw) });
}

type ArgumentNames = NonNullable<DiagnoseOptions['argumentNames']>;

function diagnoseOptions(
  { signal, env }: Context,
  { direct, readOnly, timeout, python }: Options,
  argumentNames: ArgumentNames,
): DiagnoseOptions {
  const directUrl = direct ?? (env['HOKUSAI_DIRECT_MLFLOW_URL'] || undefined);
  const base = { env, readOnly: readOnly === true, python, timeoutMs: timeout * 1000, signal, argumentNames };
  return directUrl === undefined ? base : { ...base, directUrl };
}

/** Options, then what programs read themselves, then what only this command knows. */
async function settingsOf(
  context: Context,
  command: Command,
  options: Options,
): Promise<{ config: ExperimentManagerConfig; argumentNames: ArgumentNames }> {
  const address = await addressOf(context, command, options);
  const config: ExperimentManagerConfig = {};
  const argumentNames: ArgumentNames = {};
  if (address) {
    config.trackingUri = address.value;
    argumentNames.trackingUri = address.source;
  }
  const { profile: name = DEFAULT_PROFILE } = globalOptions(command);
  const profile = hasCredentials(context) ? null : await context.profiles.read(name);
  // A profile's key is for the profile's address alone.
  if (profile && `${profile.url}${MLFLOW}` === address?.value) {
    config.token = profile.key;
    argumentNames.credentials = `profile "${name}", which only this command reads`;
  }
  return { config, argumentNames };
}

/** undefined: as the SDK finds it by itself. */
async function addressOf(context: Context, command: Command, { trackingUri }: Options) {
  if (trackingUri !== undefined) return { value: trackingUri, source: '--tracking-uri' };
  const { url, profile } = globalOptions(command);
  if (url === undefined && profile === undefined && context.env['MLFLOW_TRACKING_URI']) return undefined;
  const found = await context.urlFor(command);
  return found.source === 'the default' ? undefined : { ...found, value: `${found.value}${MLFLOW}` };
}

function hasCredentials({ env }: Context): boolean {
  const names = [
    'MLFLOW_TRACKING_USERNAME',
    'MLFLOW_TRACKING_PASSWORD',
    'MLFLOW_TRACKING_TOKEN',
    'HOKUSAI_API_KEY',
  ];
  return names.some((name) => env[name]);
}

/** Throws Failure of the kind of the first check that failed. */
function conclude({ terminal }: Context, { checks, failure }: DiagnosisReport, { strict }: Options): void {
  const namesOf = (status: string) =>
    checks.filter((check) => check.status === status).map((check) => check.name);
  const [failed, warned] = [namesOf('failed'), namesOf('warning')];
  if (failure !== null) throw new Failure(failure, `Failed: ${failed.join(', ')}.`);
  const verdict = warned.length === 0 ? 'All is well.' : `It works, with warnings: ${warned.join(', ')}.`;
  if (strict && warned.length > 0) throw new Failure('incomplete', verdict);
  terminal.note(verdict);
}
