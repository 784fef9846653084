/** A small file to the server and back, in a run of an experiment that is for this alone. */
import { createCalls } from '../api/calls.ts';
import { createExperiments } from '../api/experiments.ts';
import { createRunCalls, type RunCalls } from '../api/runs.ts';
import { endpointOf } from '../artifacts/location.ts';
import { createRunArtifacts } from '../artifacts/run-artifacts.ts';
import { InvalidRequestError, MlPlatformError } from '../errors/errors.ts';
import type { HttpClient } from '../http/client.ts';
import type { Experiments } from '../model/experiment.ts';
import type { RunInfo } from '../model/run.ts';
import { type Asking, failureOf, inTime, readBytes, withClient } from './ask.ts';
import type { Caller } from './check-key.ts';
import { failed, type Outcome, ok, skipped } from './report.ts';

const EXPERIMENT = 'hokusai-doctor';
const FILE = 'doctor.bin';
const SIZE = 4096;
/** Also after the diagnosis was ended: nobody waits long then. */
const CLEAN_UP_MS = 3000;

export interface ArtifactOptions {
  /** undefined where MLflow answers without a gateway: it lets everybody do everything. */
  caller: Caller | undefined;
  isReadOnly: boolean;
}

type Each = <Result>(question: (call: { signal: AbortSignal }) => Promise<Result>) => Promise<Result>;

/** Who runs the steps, and what they begin with. */
interface Trip {
  http: HttpClient;
  experiments: Experiments;
  runs: RunCalls;
  /** One question, with its deadline; it ends with the diagnosis, too. */
  each: Each;
  /** The same, to the end: what it makes or removes must be known. */
  whole: Each;
  nowMs: number;
  bytes: Uint8Array;
}

export function checkArtifacts(asking: Asking, { caller, isReadOnly }: ArtifactOptions): Promise<Outcome> {
  const may = (scope: string) => caller === undefined || caller.scopes.includes(scope);
  if (isReadOnly) return Promise.resolve(skipped('Nothing is to be written on the server.'));
  if (!may('mlflow:write')) {
    return Promise.resolve(
      skipped('The key lacks the scope mlflow:write, without which nothing can be uploaded.'),
    );
  }
  const { config, dependencies, signal, timeoutMs } = asking;
  return withClient(asking, config.trackingUri, config.credentials, (http) => {
    const calls = createCalls(http);
    const bytes = dependencies.randomBytes(SIZE);
    const own = { experiments: createExperiments(calls), runs: createRunCalls(calls) };
    const each: Each = (question) => inTime({ timeoutMs, signal }, question);
    const wholeMs = Math.min(timeoutMs, CLEAN_UP_MS);
    const whole: Each = (question) => inTime({ timeoutMs: wholeMs, signal: undefined }, question);
    return roundTrip(
      { http, ...own, each, whole, bytes, nowMs: dependencies.clock.now() },
      may('mlflow:delete'),
    );
  });
}

async function roundTrip(trip: Trip, mayDelete: boolean): Promise<Outcome> {
  let run: RunInfo | undefined;
  let outcome: Outcome;
  try {
    run = await begin(trip);
    outcome = await transfer(trip, run);
  } catch (error) {
    outcome = failureOf(error, run ? `Run ${run.runId} can't be used` : 'No run can be made');
  }
  if (!run) return outcome;
  const left = await cleanUp(trip, run, mayDelete);
  return { ...outcome, saw: `${outcome.saw} ${left}` };
}

async function begin({ experiments, runs, each, whole, nowMs }: Trip): Promise<RunInfo> {
  const found = await each((call) => experiments.findByName(EXPERIMENT, call));
  if (found?.lifecycleStage === 'deleted')
    await each((call) => experiments.restore(found.experimentId, call));
  const { experimentId } = found ?? (await each((call) => experiments.getOrCreate(EXPERIMENT, call)));
  const tags = { 'mlflow.source.name': 'hokusai doctor' };
  const plan = { experimentId, runName: 'doctor', startTime: nowMs, tags, userId: undefined };
  return whole((call) => runs.create(plan, call));
}

async function transfer({ http, each, bytes }: Trip, { runId, artifactUri }: RunInfo): Promise<Outcome> {
  try {
    endpointOf(artifactUri);
  } catch (error) {
    if (error instanceof InvalidRequestError) return skipped(error.message, error.advice);
    throw error;
  }
  const artifacts = createRunArtifacts({ http, artifactUriOf: () => Promise.resolve(artifactUri) }, runId);
  try {
    await each((call) => artifacts.upload(FILE, bytes, call));
  } catch (error) {
    return failureOf(error, 'The upload of an artifact failed');
  }
  try {
    const came = await each(async (call) => readBytes(await artifacts.open(FILE, call)));
    if (came.equals(bytes))
      return ok(`An artifact of ${SIZE} bytes went to the server and came back the same.`);
    return failed(
      'incomplete',
      `Of an artifact of ${SIZE} bytes, ${came.length} came back, and not the same.`,
      ['Look for a proxy that changes what passes through it, and at the disk of the artifact store.'],
    );
  } catch (error) {
    return failureOf(error, 'The download of an artifact failed');
  }
}

/** Says what is left on the server. */
async function cleanUp(
  { http, runs, whole, nowMs }: Trip,
  run: RunInfo,
  mayDelete: boolean,
): Promise<string> {
  const { runId, artifactUri } = run;
  try {
    await whole((call) => runs.update(runId, { status: 'FINISHED', endTime: nowMs }, call));
    if (!mayDelete)
      return `Run ${runId} of experiment ${EXPERIMENT} stays: the key lacks the scope mlflow:delete.`;
    await removeFile(http, artifactUri, whole);
    await whole((call) => runs.delete(runId, call));
    return 'The run and its file are deleted again.';
  } catch (error) {
    if (!(error instanceof MlPlatformError)) throw error;
    return `Run ${runId} of experiment ${EXPERIMENT} could not be deleted again.`;
  }
}

/** What is not there needs no removal: the upload may have failed. */
async function removeFile(http: HttpClient, artifactUri: string, whole: Each): Promise<void> {
  try {
    const path = `${endpointOf(artifactUri)}/${FILE}`;
    await whole((call) => http.json({ method: 'DELETE', path }, call));
  } catch (error) {
    if (!(error instanceof MlPlatformError)) throw error;
  }
}
