import type { CallOptions, ExperimentManager, ModelVersion } from '@hokusai/ml-platform';
import { type Command, Option } from 'commander';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { modelAliases, modelName, tags } from '../../input/values.ts';
import { withManager } from '../../tracking.ts';
import { given, leaf, type ResultOptions } from '../command.ts';
import { withDestination } from '../result.ts';
import { type LocalModel, localModel, upload } from './local-model.ts';
import { versionDetails, versionJson, withJson } from './model-view.ts';

const DEFAULT_ARTIFACT_PATH = 'model';
/** The one that every MLflow server has. */
const DEFAULT_EXPERIMENT = 'Default';

interface Options extends ResultOptions {
  run?: string;
  artifactPath: string;
  experiment?: string;
  runName?: string;
  description?: string;
  tag?: Readonly<Record<string, string>>;
  alias?: readonly string[];
}

const WAYS = `
With a path, what is there is uploaded first: into the run that --run names, or
into one that is made for it. Without, the run of --run holds the model already.
The model is made if there is none of that name.`;

export function registerModel(context: Context): Command {
  const command = leaf(
    'register',
    'Register a version of a model: a local folder or file, or what a run holds',
    [
      'hokusai models register churn ./model --experiment churn --alias challenger',
      'hokusai models register churn --run 4f1c0a1be0a5467a9a0b8b6f3b1d2c3e --artifact-path model',
    ],
  )
    .argument('<name>', "the model's", modelName)
    .argument('[path]', 'a folder or a file of this machine')
    .option('--run <id>', 'the run that it belongs to')
    .option('--artifact-path <path>', "its folder among the run's artifacts", DEFAULT_ARTIFACT_PATH)
    .addOption(
      new Option(
        '--experiment <name>',
        'where to make a run (default: MLFLOW_EXPERIMENT_NAME, Default)',
      ).conflicts('run'),
    )
    .addOption(new Option('--run-name <name>', 'how to call the run that is made').conflicts('run'))
    .option('--description <text>', 'what there is to say about the version')
    .option('--tag <name=value>', 'a tag of the version (repeatable)', tags)
    .option('--alias <name>', 'an alias that stands for this version from now on (repeatable)', modelAliases)
    .addHelpText('after', WAYS);
  return withJson(command).action(async (name: string, path: string | undefined, options: Options) => {
    if (path === undefined && options.run === undefined) throw nothingToRegister();
    const local = path === undefined ? undefined : await localModel(path);
    await withDestination(context, options, async (destination) => {
      const version = await withManager(context, command, (manager, call) =>
        register(context, manager, call, { ...options, name, local }),
      );
      await destination.deliver(JSON.stringify(versionJson(version)), () => versionDetails(version, context));
      context.terminal.note(`Registered version ${version.version} of "${name}".`);
    });
  });
}

interface Order extends Options {
  name: string;
  local: LocalModel | undefined;
}

async function register(
  context: Context,
  manager: ExperimentManager,
  call: CallOptions,
  order: Order,
): Promise<ModelVersion> {
  const { name, alias = [] } = order;
  const registered = await registerVersion(context, manager, call, order);
  for (const each of alias) await manager.models.setAlias(name, each, registered.version, call);
  // As it is now: with its aliases, and when the server has finished with it.
  return manager.models.getVersion(name, registered.version, call);
}

async function registerVersion(
  context: Context,
  manager: ExperimentManager,
  call: CallOptions,
  { name, local, artifactPath, ...options }: Order,
): Promise<ModelVersion> {
  const described = { ...call, ...given({ description: options.description, tags: options.tag }) };
  if (options.run !== undefined) {
    if (local) await upload(context, manager.artifactsOf(options.run), local, artifactPath, call);
    return manager.models.registerFromRun(name, options.run, artifactPath, described);
  }
  const made = { ...call, experimentName: experimentOf(options, context), runName: options.runName ?? name };
  return manager.withRun(made, async (run) => {
    context.terminal.note(`Made the run ${run.runId} in the experiment "${made.experimentName}".`);
    if (local) await upload(context, run.artifacts, local, artifactPath, call);
    return run.registerModel(name, artifactPath, described);
  });
}

function experimentOf({ experiment }: Pick<Options, 'experiment'>, { env }: Context): string {
  return experiment ?? (env['MLFLOW_EXPERIMENT_NAME'] || DEFAULT_EXPERIMENT);
}

function nothingToRegister(): Failure {
  return new Failure('usage', 'There is nothing to register.', {
    advice: ['Name a local folder or file, or with --run the run that holds the model.'],
  });
}
