/** Why a connection fails: check after check, each on what those before it have found. */
import type { Environment, ExperimentManagerConfig } from '../config/config.ts';
import { redact } from '../config/redact.ts';
import type { Answer, Asking } from './ask.ts';
import { checkArtifacts } from './check-artifacts.ts';
import { checkConfiguration } from './check-configuration.ts';
import { checkClock, checkGateway, NOBODY } from './check-gateway.ts';
import { type Caller, checkExpiry, checkKey, checkScopes } from './check-key.ts';
import { checkBypass, checkMlflow } from './check-mlflow.ts';
import { checkDns, checkTcp, checkTls } from './check-network.ts';
import { checkPython } from './check-python.ts';
import type { DiagnoseDependencies } from './dependencies.ts';
import { endpointOf } from './endpoint.ts';
import {
  CHECK_NAMES,
  type Check,
  type CheckName,
  type DiagnosisReport,
  failed,
  type Outcome,
  reportOf,
  skipped,
} from './report.ts';
import { type ArgumentNames, type Situation, situationOf } from './situation.ts';

export interface DiagnoseOptions {
  /** Where MLflow itself may be reached, past the gateway; if absent, port 5000 of the tracking URI's host is tried. */
  directUrl?: string;
  /** Leaves out the artifact round trip: nothing is written on the server. */
  readOnly?: boolean;
  /** The command of the Python whose MLflow client is looked at, e.g. `python3`; if absent, none is. */
  python?: string;
  /** The environment to look at; `process.env` if absent. */
  env?: Environment;
  /** Of each question; 5000 if absent, an hour at most. */
  timeoutMs?: number;
  /** Ends the diagnosis: what is left is skipped. */
  signal?: AbortSignal;
  /** Where the arguments are from, if the one who called knows better. */
  argumentNames?: ArgumentNames;
}

const DEFAULT_TIMEOUT_MS = 5000;
/** Beyond 24 days, Node's timers are over at once. */
const MAX_TIMEOUT_MS = 3_600_000;

/** What must have been looked at, and not have failed. */
const NEEDS: Readonly<Record<CheckName, readonly CheckName[]>> = {
  configuration: [],
  dns: [],
  tcp: ['dns'],
  tls: ['tcp'],
  gateway: ['tls'],
  clock: ['gateway'],
  key: ['configuration', 'gateway'],
  expiry: ['key'],
  scopes: ['key'],
  mlflow: ['gateway'],
  bypass: ['gateway'],
  artifacts: ['scopes', 'mlflow'],
  python: [],
};

export async function runDiagnosis(
  input: ExperimentManagerConfig,
  options: DiagnoseOptions,
  dependencies: DiagnoseDependencies,
): Promise<DiagnosisReport> {
  const { env } = dependencies;
  const names = options.argumentNames ?? {};
  const situation = situationOf(input, { env, files: dependencies.readHomeFiles(), names });
  const steps = stepsOf(situation, options, dependencies);
  const outcomes = new Map<CheckName, Outcome>();
  /** What can't be looked at any more, with the check whose failure it is. */
  const lost = new Map<CheckName, CheckName>();
  for (const name of CHECK_NAMES) {
    const culprit = NEEDS[name].map((need) => lost.get(need)).find((check) => check !== undefined);
    const outcome = culprit
      ? skipped(`Not looked at, since ${culprit} failed.`)
      : await made(steps[name], options);
    if (culprit || outcome.status === 'failed') lost.set(name, culprit ?? name);
    outcomes.set(name, outcome);
  }
  const checks = [...outcomes].map(([name, outcome]) => cleaned({ name, ...outcome }));
  const target = situation.anonymous?.trackingUri.href;
  return reportOf(target ?? null, checks);
}

type Step = () => Outcome | Promise<Outcome>;

/** A defect of a check must not take the others along. */
async function made(step: Step, { signal }: DiagnoseOptions): Promise<Outcome> {
  if (signal?.aborted) return skipped('Not looked at: the diagnosis was ended.');
  try {
    return await step();
  } catch (error) {
    const saw = `This check has a defect: ${error instanceof Error ? error.message : error}`;
    return failed('incomplete', saw, ['Report it, with this line.']);
  }
}

/** What the checks find out for those after them. */
interface Findings {
  root?: URL | undefined;
  answer?: Answer | undefined;
  caller?: Caller | undefined;
}

function stepsOf(
  situation: Situation,
  {
    directUrl,
    readOnly: isReadOnly = false,
    python,
    timeoutMs: wantedMs = DEFAULT_TIMEOUT_MS,
    signal,
  }: DiagnoseOptions,
  dependencies: DiagnoseDependencies,
): Record<CheckName, Step> {
  const timeoutMs = wantedMs > 0 ? Math.min(wantedMs, MAX_TIMEOUT_MS) : DEFAULT_TIMEOUT_MS;
  const found: Findings = {};
  const config = situation.config ?? (situation.anonymous && { ...situation.anonymous, credentials: NOBODY });
  const asking: Asking | undefined = config && { dependencies, config, timeoutMs, signal };
  /** Without an address there is nothing to ask. */
  const at =
    (step: (asking: Asking, uri: URL) => Outcome | Promise<Outcome>): Step =>
    () =>
      asking ? step(asking, asking.config.trackingUri) : skipped('There is no address to look at.');
  return {
    configuration: () => checkConfiguration(situation, dependencies.fileExists),
    dns: at((_, uri) => checkDns(endpointOf(uri), dependencies, timeoutMs)),
    tcp: at((_, uri) => checkTcp(endpointOf(uri), dependencies, timeoutMs)),
    tls: at((_, uri) => checkTls(uri, dependencies, timeoutMs)),
    gateway: at(async (known) => {
      const { outcome, root, answer } = await checkGateway(known);
      Object.assign(found, { root, answer });
      return outcome;
    }),
    clock: at(() => checkClock(found.answer)),
    key: at(async (known) => {
      const { outcome, caller } = await checkKey(known, found.root);
      found.caller = caller;
      return outcome;
    }),
    expiry: at(() => checkExpiry(found.caller, dependencies.clock.now())),
    scopes: at(() => checkScopes(found.caller)),
    mlflow: at(checkMlflow),
    bypass: at((known) => checkBypass(known, found.root, directUrl)),
    artifacts: at((known) => checkArtifacts(known, { caller: found.caller, isReadOnly })),
    python: async () => {
      if (python === undefined) return skipped('No Python was named.');
      return checkPython(situation, await dependencies.inspectPython(python, timeoutMs));
    },
  };
}

/** Of what servers say, secrets that were sent to them are out already; here is whatever else looks like a key. */
function cleaned(check: Check): Check {
  return { ...check, saw: redact(check.saw), advice: check.advice.map(redact) };
}
