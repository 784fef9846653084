/** What is configured, what of it hides what, and what Python's client would do with the same environment. */

import type { ResolvedConfig } from '../config/config.ts';
import { keyShape, shownSecret } from './key-shape.ts';
import { proxyFor } from './proxy.ts';
import { isTrue, pythonCredential } from './python-client.ts';
import { failed, type Outcome, ok, warning } from './report.ts';
import { type Situation, secretOf, shownSource } from './situation.ts';

/** Something that will surprise: what it is, and what to do. */
interface Finding {
  saw: string;
  advice: string;
}

export function checkConfiguration(situation: Situation, fileExists: (path: string) => boolean): Outcome {
  const { config, problems } = situation;
  if (!config) return failed('configuration', `${problems.join('. ')}.`, CORRECT);
  const secret = secretOf(config);
  const shape = secret === undefined || isPassword(config, secret) ? undefined : keyShape(secret);
  const told = describe(situation, config);
  if (shape?.kind === 'malformed') {
    return failed('configuration', `${told} The key can't be one: ${shape.problem}.`, [
      `Copy the key anew into ${credentialsName(situation, config)}: hk_live_… or hk_test_…, 58 characters, nothing before or after it.`,
    ]);
  }
  const findings = [
    ...hiddenCredentials(situation, config),
    ...pythonsOwn(situation, config),
    ...surroundings(situation, config),
    ...unreadableFiles(situation, fileExists),
  ];
  const saw = [told, ...findings.map((finding) => finding.saw)].join(' ');
  return findings.length === 0
    ? ok(saw)
    : warning(
        saw,
        findings.map((finding) => finding.advice),
      );
}

/** Of a server that asks for passwords, which may look like anything. */
function isPassword({ credentials }: ResolvedConfig, secret: string): boolean {
  return credentials.kind === 'basic' && !/hk_(?:live|test)_/.test(secret);
}

const CORRECT = ['Correct that. Until then all is looked at that needs no credentials.'];

function describe(situation: Situation, config: ResolvedConfig): string {
  const { trackingUri, sources, credentials } = config;
  const uri = `The tracking URI is ${trackingUri.href} (from ${shownSource(sources.trackingUri, situation.names.trackingUri)}).`;
  const secret = secretOf(config);
  if (secret === undefined) return `${uri} There are no credentials.`;
  const scheme = credentials.kind === 'basic' ? 'Basic, with the password' : 'a Bearer token,';
  const from = credentialsName(situation, config);
  return `${uri} Credentials are ${scheme} ${shownSecret(secret)} (from ${from}).`;
}

function credentialsName({ names }: Situation, { sources, credentials }: ResolvedConfig): string {
  const name = shownSource(sources.credentials, names.credentials);
  return name === 'MLFLOW_TRACKING_USERNAME' ||
    (credentials.kind === 'basic' && typeof sources.credentials === 'object')
    ? 'MLFLOW_TRACKING_PASSWORD'
    : name;
}

/** Variables whose value is another one than that which is sent. */
function hiddenCredentials({ env, names }: Situation, config: ResolvedConfig): Finding[] {
  const secret = secretOf(config);
  const { sources, credentials } = config;
  const isBasic = credentials.kind === 'basic' && typeof sources.credentials === 'object';
  const used = isBasic
    ? 'The pair MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD'
    : capitalised(shownSource(sources.credentials, names.credentials));
  const candidates = ['MLFLOW_TRACKING_PASSWORD', 'MLFLOW_TRACKING_TOKEN', 'HOKUSAI_API_KEY'];
  const hidden = candidates.filter((name) => env[name] && env[name] !== secret);
  return hidden.map((name) => ({
    saw: `${used} goes before ${name}, which holds something else and is not used.`,
    advice: isBasic
      ? `Unset MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD to use ${name}, or unset ${name}.`
      : `Unset ${name}, or give it the same value.`,
  }));
}

/** What Python's client would send in place of these credentials, from places that this SDK doesn't look into. */
function pythonsOwn({ env, files, givenUri = '' }: Situation, config: ResolvedConfig): Finding[] {
  const uri = givenUri || config.trackingUri.href;
  const { kind, source, secret } = pythonCredential(uri, env, files);
  const isFromVariables = source.startsWith('MLFLOW_TRACKING_') && kind !== 'other';
  if (kind === 'none' || isFromVariables || (secret !== undefined && secret === secretOf(config))) return [];
  const saw = `MLflow's Python client sends what ${source} says in place of these credentials.`;
  const advice: Readonly<Record<string, string>> = {
    MLFLOW_TRACKING_AWS_SIGV4: 'Unset MLFLOW_TRACKING_AWS_SIGV4: a Hokusai gateway takes keys.',
    MLFLOW_TRACKING_AUTH: 'Unset MLFLOW_TRACKING_AUTH: a Hokusai gateway takes keys.',
    '~/.mlflow/credentials':
      'Remove the [mlflow] section of ~/.mlflow/credentials, or put the key there as the password.',
  };
  const host = config.trackingUri.hostname;
  return [
    {
      saw,
      advice:
        advice[source] ??
        `Remove the entry for ${host} (or the default one) from ${source}, or make the key its password.`,
    },
  ];
}

function surroundings({ env }: Situation, { trackingUri, mockMode }: ResolvedConfig): Finding[] {
  const findings: Finding[] = [];
  if (mockMode) {
    findings.push({
      saw: 'HOKUSAI_MOCK_MODE is on: programs of the SDK talk to no server.',
      advice: 'Unset HOKUSAI_MOCK_MODE for programs that are to track on the server.',
    });
  }
  const proxy = proxyFor(trackingUri, env);
  if (proxy) {
    findings.push({
      saw: `${proxy.variable} names the proxy ${proxy.host}, which MLflow's Python client uses for ${trackingUri.hostname}; this SDK and these checks connect directly.`,
      advice: `Add ${trackingUri.hostname} to NO_PROXY if it is reached without the proxy.`,
    });
  }
  const unchecked = [
    ...(isTrue(env['MLFLOW_TRACKING_INSECURE_TLS']) ? ['MLFLOW_TRACKING_INSECURE_TLS'] : []),
    ...(env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0' ? ['NODE_TLS_REJECT_UNAUTHORIZED'] : []),
  ];
  for (const name of unchecked) {
    findings.push({
      saw: `${name} switches off the check of certificates: anybody on the way can pose as the server and take the key.`,
      advice: `Unset ${name}, and name the file of your authority in NODE_EXTRA_CA_CERTS and REQUESTS_CA_BUNDLE.`,
    });
  }
  return findings;
}

const CA_VARIABLES = ['NODE_EXTRA_CA_CERTS', 'REQUESTS_CA_BUNDLE', 'MLFLOW_TRACKING_SERVER_CERT_PATH'];

function unreadableFiles({ env }: Situation, fileExists: (path: string) => boolean): Finding[] {
  const missing = CA_VARIABLES.filter((name) => env[name] && !fileExists(env[name]));
  return missing.map((name) => ({
    saw: `${name} names a file that is not there.`,
    advice: `Correct ${name}, or unset it.`,
  }));
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
