import { InvalidRequestError } from '../errors/errors.ts';
import { encodePath } from './paths.ts';

/** Where the server takes and gives what is at `mlflow-artifacts:` URIs. */
const ENDPOINT = '/api/2.0/mlflow-artifacts/artifacts/';

const ADVICE = [
  'Start the MLflow server with --serve-artifacts and --artifacts-destination <the store>, so that it passes artifacts on.',
  "An experiment keeps the place that it was made with: make a new one, or one with artifactLocation 'mlflow-artifacts:/<folder>'.",
  'Or read and write them in the store itself, with its own client; `artifacts.list()` works nevertheless.',
];

/**
 * The path, encoded and below the tracking URI, of what is at an artifact URI. Servers pass on `mlflow-artifacts:` only:
 * throws `InvalidRequestError` for others.
 */
export function endpointOf(artifactUri: string): string {
  return endpointOfStored(storedPathOf(artifactUri, 'The artifacts of this run'));
}

/**
 * The path, in the store behind the server, of what is at an artifact URI.
 *
 * @param subject what is there, as the beginning of the error's sentence; plural
 */
export function storedPathOf(artifactUri: string, subject: string): string {
  const path = /^mlflow-artifacts:(?:\/\/)?\/(?!\/)(.*)$/.exec(artifactUri)?.[1];
  if (path === undefined) {
    throw new InvalidRequestError(
      `${subject} are ${placeOf(artifactUri)}, not passed on by the tracking server (mlflow-artifacts:), which is how this SDK moves them.`,
      { advice: ADVICE },
    );
  }
  return path.replace(/\/+$/, '');
}

/** The same of a path in that store. */
export function endpointOfStored(path: string): string {
  return ENDPOINT + encodePath(path);
}

/** In words; not more of the URI than its scheme, since it may hold credentials. */
function placeOf(artifactUri: string): string {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(artifactUri)?.[1];
  if (scheme === undefined || scheme === 'file') return "in a folder of the server's machine";
  if (scheme === 'mlflow-artifacts') return 'on another server, which their mlflow-artifacts: URI names';
  return `at ${scheme}:`;
}
