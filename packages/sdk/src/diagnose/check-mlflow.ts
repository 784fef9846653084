/** MLflow behind the gateway, and whether it can be reached without the gateway. */
import { UnexpectedAnswerError } from '../errors/errors.ts';
import { type Asking, ask, failureOf } from './ask.ts';
import { mlflowVersion, NOBODY, shown } from './check-gateway.ts';
import { failed, type Outcome, ok, skipped, warning } from './report.ts';

const OLDEST_MAJOR = 2;
const DEFAULT_PORT = '5000';
/** Firewalls drop what they do not let through: nobody waits long for that. */
const BYPASS_TIMEOUT_MS = 2000;

export async function checkMlflow(asking: Asking): Promise<Outcome> {
  const uri = asking.config.trackingUri;
  try {
    const version = (await mlflowVersion(asking, uri)).text.trim();
    const health = (await ask(asking, uri, '/health', NOBODY)).text.trim();
    if (health !== 'OK') throw new UnexpectedAnswerError(`${shown(uri)}/health does not say OK`);
    const saw = `MLflow ${version} answers at ${shown(uri)}, and is healthy.`;
    if (Number(version.split('.')[0]) >= OLDEST_MAJOR) return ok(saw);
    return warning(saw, ['It is older than what this SDK is tested with: MLflow 2 and 3.']);
  } catch (error) {
    return failureOf(error, 'MLflow does not answer as it should');
  }
}

/**
 * @param direct where MLflow may be; undefined: its usual port on the host of the tracking URI
 * @param root of the gateway; undefined where there is none to go around
 */
export async function checkBypass(
  asking: Asking,
  root: URL | undefined,
  direct: string | undefined,
): Promise<Outcome> {
  if (!root) return skipped('There is no gateway that one could go around.');
  if (direct !== undefined && !isHttp(direct)) {
    return failed('configuration', 'The direct address of MLflow can not be used.', [
      'Give it like http://mlflow.internal:5000.',
    ]);
  }
  const url = direct === undefined ? usualAddress(asking.config.trackingUri) : new URL(direct);
  if (direct === undefined && url.host === root.host) return skipped(`${shown(url)} is the gateway itself.`);
  const timeoutMs = Math.min(asking.timeoutMs, BYPASS_TIMEOUT_MS);
  const version = await mlflowVersion({ ...asking, timeoutMs }, url).catch(() => undefined);
  if (!version) return ok(`MLflow does not answer past the gateway, at ${shown(url)}.`);
  return warning(
    `MLflow ${version.text.trim()} answers past the gateway, at ${shown(url)}: without a key, a limit or a record.`,
    [
      'Let nobody but the gateway reach it: bind it to an address that only the gateway can reach, or close the port.',
    ],
  );
}

function isHttp(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function usualAddress({ hostname }: URL): URL {
  return new URL(`http://${hostname}:${DEFAULT_PORT}`);
}
