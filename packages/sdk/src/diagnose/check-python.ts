/** What MLflow's Python client, where it is installed, would do with the same environment. */
import type { ResolvedConfig } from '../config/config.ts';
import { shownSecret } from './key-shape.ts';
import { pythonCredential } from './python-client.ts';
import { type Outcome, ok, skipped, warning } from './report.ts';
import { type Situation, secretOf } from './situation.ts';

export interface PythonFacts {
  /** Path. */
  executable: string;
  version: string;
  /** The distribution that brings MLflow, `mlflow` or `mlflow-skinny`; null: there is none. */
  mlflow: { name: string; version: string } | null;
}

/** A command that is there and tells nothing of use. */
export interface Silence {
  /** Why: the rest of a sentence. */
  silence: string;
}

const OLDEST_MAJOR = 2;

/** @param facts undefined where there is no such command */
export function checkPython(situation: Situation, facts: PythonFacts | Silence | undefined): Outcome {
  if (!facts) return skipped('There is no Python here.');
  if ('silence' in facts) return skipped(`The Python that was named tells nothing: ${facts.silence}.`);
  const python = `${facts.executable} (Python ${facts.version})`;
  if (!facts.mlflow)
    return skipped(`${python} has no MLflow.`, ['Where it is to be used: pip install mlflow']);
  const { name, version } = facts.mlflow;
  const { env, config } = situation;
  const advice = [
    ...aboutAddress(situation, config),
    ...aboutCredentials(situation, config),
    ...(Number(version.split('.')[0]) < OLDEST_MAJOR
      ? ['Bring MLflow up to date: pip install --upgrade mlflow']
      : []),
  ];
  const address = env['MLFLOW_TRACKING_URI'] ? 'the address in MLFLOW_TRACKING_URI' : 'files of its own';
  const saw = `${python} has ${name} ${version}. It would use ${address}, with ${described(situation)}.`;
  return advice.length === 0 ? ok(saw) : warning(saw, advice);
}

function described(situation: Situation): string {
  const { kind, source, secret } = credentialOf(situation);
  if (kind === 'none') return 'no credentials';
  if (secret === undefined) return `what ${source} makes`;
  const scheme = kind === 'basic' ? 'Basic, the password being' : 'a Bearer token,';
  return `${scheme} ${shownSecret(secret)} (from ${source})`;
}

/** The client knows the variable only. */
function aboutAddress({ env }: Situation, config: ResolvedConfig | undefined): string[] {
  if (env['MLFLOW_TRACKING_URI']) return [];
  const uri = config ? config.trackingUri.href : 'the address';
  return [`Set MLFLOW_TRACKING_URI to ${uri} for Python: without it MLflow keeps everything in local files.`];
}

function aboutCredentials(situation: Situation, config: ResolvedConfig | undefined): string[] {
  const secret = config && secretOf(config);
  const { kind, source, secret: sent } = credentialOf(situation);
  if (secret === undefined || sent === secret) return [];
  if (kind === 'none')
    return ['Put the key into MLFLOW_TRACKING_TOKEN for Python: its client reads no HOKUSAI_API_KEY.'];
  return [
    `Python's client sends what it finds in ${source}, and this SDK something else: make them the same.`,
  ];
}

function credentialOf({ givenUri = '', env, files }: Situation) {
  return pythonCredential(env['MLFLOW_TRACKING_URI'] || givenUri, env, files);
}
