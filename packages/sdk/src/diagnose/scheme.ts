/** Of a port that speaks the other protocol than the address says: what to put in its place. */
import type { DiagnoseDependencies } from './dependencies.ts';
import { endpointOf, placeOf } from './endpoint.ts';
import { failed, type Outcome } from './report.ts';

/** undefined where the port does not answer a TLS handshake. */
export async function httpAtTlsPort(
  uri: URL,
  { handshake }: DiagnoseDependencies,
  timeoutMs: number,
): Promise<Outcome | undefined> {
  const endpoint = endpointOf(uri);
  try {
    await handshake(endpoint, timeoutMs);
  } catch {
    return undefined;
  }
  return failed(
    'configuration',
    `${placeOf(endpoint)} speaks TLS, and the tracking URI begins with http://.`,
    [
      `Set MLFLOW_TRACKING_URI to ${withScheme(uri, 'https')}.`,
      'If that is not the server which is meant, correct the port of MLFLOW_TRACKING_URI.',
    ],
  );
}

/** undefined where the port does not answer plain HTTP. */
export async function tlsAtHttpPort(
  uri: URL,
  { speaksHttp }: DiagnoseDependencies,
  timeoutMs: number,
): Promise<Outcome | undefined> {
  const endpoint = endpointOf(uri);
  if (!(await speaksHttp(endpoint, timeoutMs))) return undefined;
  return failed(
    'configuration',
    `${placeOf(endpoint)} speaks plain HTTP, not TLS, and the tracking URI begins with https://.`,
    [
      'If the server has another port for HTTPS, name that one in MLFLOW_TRACKING_URI.',
      `Otherwise set MLFLOW_TRACKING_URI to ${withScheme(uri, 'http')}; a gateway takes keys that way from its own machine only, unless ALLOW_INSECURE_HTTP lets them come.`,
    ],
  );
}

function withScheme(uri: URL, scheme: 'http' | 'https'): string {
  const path = uri.pathname.replace(/\/+$/, '');
  return `${scheme}://${placeOf(endpointOf(uri)).replace(scheme === 'https' ? /:443$/ : /:80$/, '')}${path}`;
}
