import { rememberingTexts } from './remembering-texts.ts';

/** Products that are told apart in statistics. Anything else is `other`, so that their number is bounded. */
const FAMILIES: readonly (readonly [start: string, family: string])[] = [
  ['mlflow-python-client', 'mlflow-python-client'],
  ['mlflow', 'mlflow'],
  ['python-requests', 'python-requests'],
  ['python', 'python'],
  ['hokusai', 'hokusai'],
  ['curl', 'curl'],
  ['wget', 'wget'],
  ['mozilla', 'browser'],
  ['go-http-client', 'go'],
  ['otel', 'opentelemetry'],
  ['node', 'node'],
  ['undici', 'node'],
  ['okhttp', 'java'],
  ['java', 'java'],
  ['apache-httpclient', 'java'],
];

/** The kind of client that a User-Agent names. */
export function userAgentFamily(userAgent: string | undefined): string {
  if (userAgent === undefined || userAgent === '') return 'none';
  return familyOf(userAgent);
}

const familyOf = rememberingTexts((userAgent) => {
  const start = userAgent.slice(0, 24).toLowerCase();
  return FAMILIES.find(([prefix]) => start.startsWith(prefix))?.[1] ?? 'other';
});
