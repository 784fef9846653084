import type { Scope } from '@hokusai/contracts/scopes';

export interface BrowserRequest {
  method: string;
  /** What the route needs; null where any working key will do. */
  scope: Scope | null;
  secFetchSite: string | undefined;
  origin: string | undefined;
  /** It asks for a WebSocket: whoever gets one can read it, so no foreign page may. */
  opensSocket: boolean;
}

const SAFE_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * True for a request that a foreign site may have made a browser send with the credentials that it holds
 * (cross-site request forgery). MLflow takes an upload for whatever it is, so that a plain form could write.
 *
 * What changes nothing and costs nothing is let through: the foreign site can't read the answer. A client
 * that sends neither header is no browser.
 */
export function isForged(request: BrowserRequest, publicOrigins: ReadonlySet<string>): boolean {
  const isHarmless = SAFE_METHODS.has(request.method) && request.scope !== 'mlflow:invoke';
  if (isHarmless && !request.opensSocket) return false;
  const { secFetchSite, origin } = request;
  if (secFetchSite !== undefined && secFetchSite !== 'same-origin' && secFetchSite !== 'none') return true;
  return origin !== undefined && !publicOrigins.has(origin);
}
