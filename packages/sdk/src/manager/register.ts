import { callOptions } from '../api/call-options.ts';
import type { Calls } from '../api/calls.ts';
import { checkText } from '../api/given.ts';
import { findLoggedModels } from '../api/logged-models.ts';
import { createVersion } from '../api/model-versions.ts';
import type { RunCalls } from '../api/runs.ts';
import { AlreadyExistsError, NotFoundError } from '../errors/errors.ts';
import type { RunArtifacts } from '../model/artifact.ts';
import type { Models } from '../model/registry.ts';
import type { CallOptions } from '../model/values.ts';
import { appendToUri } from './uri.ts';

export interface RegisterDependencies {
  calls: Calls;
  runs: RunCalls;
  artifactsOf(runId: string): RunArtifacts;
}

interface Place {
  source: string;
  /** Of MLflow 3's logged models. */
  modelId?: string;
}

/** As MLflow's Python client registers `runs:/<run id>/<path>`, on servers of 3.x and 2.x. */
export function createRegisterFromRun(dependencies: RegisterDependencies): Models['registerFromRun'] {
  return async (name, runId, artifactPath, options = {}) => {
    const path = checkText(artifactPath, 'The artifact path of a model').split('/').filter(Boolean).join('/');
    const call = callOptions(options);
    const place = await findPlace(dependencies, runId, path, call);
    await ensureModel(dependencies.calls, name, call);
    return await createVersion(dependencies.calls, name, { ...options, ...place, runId });
  };
}

/** A model among the run's artifacts, else one that MLflow 3 keeps beside them under that name, else any artifact. */
export async function findPlace(
  dependencies: RegisterDependencies,
  runId: string,
  path: string,
  options: CallOptions,
): Promise<Place> {
  const { info } = await dependencies.runs.get(runId, options);
  const among = await findArtifact(dependencies.artifactsOf(runId), path, options);
  if (among !== 'model') {
    const modelId = await findLoggedModel(dependencies, info, path, options);
    if (modelId !== undefined) {
      return { source: `models:/${modelId}`, modelId };
    }
  }
  if (among === 'nothing') {
    throw new NotFoundError(
      `The run ${runId} has no artifacts at "${path}" and no logged model of that name: upload the model before it is registered.`,
    );
  }
  return { source: appendToUri(info.artifactUri, path) };
}

async function findArtifact(
  artifacts: RunArtifacts,
  path: string,
  options: CallOptions,
): Promise<'model' | 'something' | 'nothing'> {
  let found: 'something' | 'nothing' = 'nothing';
  for await (const { path: held } of artifacts.list(path, options)) {
    if (held === (path === '' ? 'MLmodel' : `${path}/MLmodel`)) {
      return 'model';
    }
    found = 'something';
  }
  return found === 'nothing' && (await isFile(artifacts, path, options)) ? 'something' : found;
}

/** Servers list nothing below a file. */
async function isFile(artifacts: RunArtifacts, path: string, options: CallOptions): Promise<boolean> {
  const folder = path.slice(0, Math.max(0, path.lastIndexOf('/')));
  for await (const info of artifacts.list(folder, options)) {
    if (info.path === path) {
      return true;
    }
  }
  return false;
}

/** Of several the one that the run logged at the largest step. */
async function findLoggedModel(
  { calls, runs }: RegisterDependencies,
  run: { runId: string; experimentId: string },
  name: string,
  options: CallOptions,
): Promise<string | undefined> {
  const [first, ...others] = await findLoggedModels(calls, run, name, options);
  if (first === undefined || others.length === 0) {
    return first;
  }
  const steps = await runs.loggedModelSteps(run.runId, options);
  const stepOf = (modelId: string) => steps.get(modelId) ?? 0;
  return others.reduce((latest, modelId) => (stepOf(modelId) > stepOf(latest) ? modelId : latest), first);
}

/** Names are unique, so that creating twice is creating once. */
async function ensureModel(calls: Calls, name: string, options: CallOptions): Promise<void> {
  try {
    await calls.postRepeatably('registered-models/create', { name }, options);
  } catch (error) {
    if (!(error instanceof AlreadyExistsError)) {
      throw error;
    }
  }
}
