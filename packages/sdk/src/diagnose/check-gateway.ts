/** Whether a Hokusai gateway answers, of which version, and by which clock. */
import { Credentials } from '../config/credentials.ts';
import { MlPlatformError, UnexpectedAnswerError } from '../errors/errors.ts';
import { type Answer, type Asking, ask, failureOf, kindOf } from './ask.ts';
import { failed, type Outcome, ok, skipped, warning } from './report.ts';
import { httpAtTlsPort } from './scheme.ts';

export const NOBODY = new Credentials({ kind: 'none' });

/** Public at every gateway; no other server says this of itself. */
const VERSION = '/api/v1/version';
const SERVICE = 'hokusai-gateway';
/** A gateway may lie below a proxy's prefix, and MLflow below a prefix of the gateway. */
const MAX_PARENTS = 4;
const TOLERATED_SKEW_MS = 60_000;

export interface GatewayFound {
  outcome: Outcome;
  /** The gateway's own address, without a slash at its end; undefined where none was found. */
  root: URL | undefined;
  /** The last answer, for its date. */
  answer: Answer | undefined;
}

export async function checkGateway(asking: Asking): Promise<GatewayFound> {
  const uri = asking.config.trackingUri;
  const none = { root: undefined, answer: undefined };
  try {
    for (const base of [...parentsOf(uri), uri]) {
      const found = await gatewayAt(asking, base);
      if (!found) continue;
      if (base === uri) return { ...none, outcome: tooShort(uri) };
      const outcome = ok(`A Hokusai gateway ${found.version} answers at ${shown(base)}.`);
      return { outcome, root: base, answer: found.answer };
    }
    const answer = await mlflowVersion(asking, uri);
    const saw = `MLflow ${answer.text.trim()} itself answers at ${shown(uri)}: there is no Hokusai gateway before it.`;
    const advice = ['If there is a gateway, set MLFLOW_TRACKING_URI to its address with /mlflow at the end.'];
    return { ...none, answer, outcome: warning(saw, advice) };
  } catch (error) {
    const { dependencies, timeoutMs } = asking;
    const isTls = uri.protocol === 'http:' ? await httpAtTlsPort(uri, dependencies, timeoutMs) : undefined;
    return { ...none, outcome: isTls ?? nothingThere(error, uri) };
  }
}

/** The addresses above the tracking URI, the nearest first. */
function parentsOf(uri: URL): URL[] {
  const segments = uri.pathname.split('/').filter((segment) => segment !== '');
  const parents = segments.map((_, index) => segments.slice(0, segments.length - 1 - index));
  return parents.slice(0, MAX_PARENTS).map((path) => new URL(`${uri.origin}/${path.join('/')}`));
}

async function gatewayAt(
  asking: Asking,
  base: URL,
): Promise<{ version: string; answer: Answer } | undefined> {
  try {
    const answer = await ask(asking, base, VERSION, NOBODY);
    const { service, version } = (parsed(answer.text) ?? {}) as Record<string, unknown>;
    return service === SERVICE ? { version: String(version), answer } : undefined;
  } catch (error) {
    // Something answers that is no gateway. Whatever does not answer here does not answer elsewhere either.
    if (error instanceof MlPlatformError && isAnswered(error)) return undefined;
    throw error;
  }
}

function isAnswered(error: MlPlatformError): boolean {
  return kindOf(error) !== 'unavailable';
}

/** MLflow's own answer. Rejects with `UnexpectedAnswerError` if something else answers. */
export async function mlflowVersion(asking: Asking, uri: URL): Promise<Answer> {
  const answer = await ask(asking, uri, '/version', NOBODY);
  if (/^\d+\.\d+\S*$/.test(answer.text.trim())) return answer;
  throw new UnexpectedAnswerError(`${shown(uri)}/version is no version of MLflow`);
}

function tooShort(uri: URL): Outcome {
  return failed(
    'configuration',
    `${shown(uri)} is the address of a Hokusai gateway itself: MLflow is below it.`,
    [`Set MLFLOW_TRACKING_URI to ${shown(uri)}/mlflow.`],
  );
}

function nothingThere(error: unknown, uri: URL): Outcome {
  if (!(error instanceof MlPlatformError)) throw error;
  if (kindOf(error) === 'unavailable') return failureOf(error, 'The server does not answer as it should');
  return failed(
    'configuration',
    `Neither a Hokusai gateway nor MLflow answers at ${shown(uri)}: ${error.message}.`,
    [
      'Check MLFLOW_TRACKING_URI, its path included: a gateway serves MLflow below /mlflow.',
      'A web page often is a sign-in page, or a proxy that stands before the server.',
    ],
  );
}

export function checkClock(answer: Answer | undefined): Outcome {
  const serverMs = Date.parse(answer?.headers.date ?? '');
  if (answer === undefined || Number.isNaN(serverMs)) return skipped('The server does not tell its time.');
  const skewMs = answer.atMs - serverMs;
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (Math.abs(skewMs) <= TOLERATED_SKEW_MS) return ok("This machine's clock and the server's agree.");
  return warning(`This machine's clock is ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} the server's.`, [
    'Set the clock by NTP: times of runs and metrics are taken here, and certificates are judged by it.',
  ]);
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Without a slash at its end. */
export function shown({ href }: URL): string {
  return href.replace(/\/+$/, '');
}
