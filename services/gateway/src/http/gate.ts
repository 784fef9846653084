/** Who is asking, and whether they may: the same for every door. */
import { HokusaiError, toHokusaiError } from '@hokusai/contracts/errors';
import type { Scope } from '@hokusai/contracts/scopes';
import { isForged } from '../domain/browser-rule.ts';
import type { Credential } from '../domain/credentials.ts';
import { decide } from '../domain/decision.ts';
import type { AuthenticatedKey, Awaitable, KeyLookup, RefusalReporter } from '../domain/ports.ts';
import { refusalError, unknownKey } from '../domain/refusals.ts';
import { type InsecureHttp, isSecureEnough } from '../domain/transport-rule.ts';
import type { Exchange } from './exchange.ts';
import { reportedRequest } from './reported-request.ts';

export interface GateOptions {
  lookup: KeyLookup;
  refusals: RefusalReporter;
  allowInsecureHttp: InsecureHttp;
  /** Origins, as in the header, whose pages may make a browser change things here. */
  publicOrigins: ReadonlySet<string>;
}

/**
 * Lets a request in, or throws HokusaiError; resolves or rejects where somebody had to be asked about the key.
 * `scope` is what the route needs, null where any working key will do. Every refusal is reported for the audit log.
 */
export type Gate = (exchange: Exchange, credential: Credential, scope: Scope | null) => Awaitable<void>;

export function createGate(options: GateOptions): Gate {
  return (exchange, credential, scope) => {
    const refuse = (thrown: unknown): never => {
      const error = toHokusaiError(thrown);
      report(exchange, error, credential, options);
      throw error;
    };
    try {
      const presented = presentedKey(exchange, credential, options);
      const found = options.lookup.find(presented.key, exchange.requestId, exchange.client.clientIp);
      const judge = (authenticated: AuthenticatedKey | undefined) => {
        if (!authenticated) throw refusalError(unknownKey(presented.keyPrefix));
        letIn(exchange, authenticated, scope, options);
      };
      return found instanceof Promise ? found.then(judge).catch(refuse) : judge(found);
    } catch (thrown) {
      return refuse(thrown);
    }
  };
}

/** Throws `permission_denied`, which is reported, for what a foreign site may have made a browser send. */
export type OriginCheck = (exchange: Exchange, credential: Credential, scope: Scope | null) => void;

/** For those whom the gate has not asked where they come from. */
export function createOriginCheck(options: Pick<GateOptions, 'refusals' | 'publicOrigins'>): OriginCheck {
  return (exchange, credential, scope) => {
    try {
      checkOrigin(exchange, scope, options.publicOrigins);
    } catch (thrown) {
      report(exchange, toHokusaiError(thrown), credential, options);
      throw thrown;
    }
  };
}

/** Throws HokusaiError if the key may not do this. */
function letIn(
  exchange: Exchange,
  caller: AuthenticatedKey,
  scope: Scope | null,
  { publicOrigins }: GateOptions,
): void {
  exchange.caller = caller;
  const refusal = decide(caller, { clientIp: exchange.client.clientIp, scope });
  if (refusal) throw refusalError(refusal);
  checkOrigin(exchange, scope, publicOrigins);
}

function presentedKey(
  { client }: Exchange,
  credential: Credential,
  { allowInsecureHttp }: GateOptions,
): Credential & { kind: 'key' } {
  if (credential.kind === 'refused') throw refusalError(credential.refusal);
  if (!isSecureEnough(client, allowInsecureHttp)) throw insecureTransport(credential.keyPrefix);
  return credential;
}

function insecureTransport(keyPrefix: string): HokusaiError {
  return new HokusaiError(
    'permission_denied',
    `The API key ${keyPrefix} came over plain HTTP, where others can read it. Use https://; if it has crossed a network, have it rotated.`,
    { reason: 'insecure_transport' },
  );
}

/** Throws `permission_denied` for what a foreign site may have made a browser send. */
export function checkOrigin(
  { incoming, upgradeHead }: Exchange,
  scope: Scope | null,
  publicOrigins: ReadonlySet<string>,
): void {
  const { origin, 'sec-fetch-site': site } = incoming.headers;
  const secFetchSite = Array.isArray(site) ? site.join() : site;
  const opensSocket = upgradeHead !== undefined;
  const request = { method: incoming.method ?? '', scope, secFetchSite, origin, opensSocket };
  if (!isForged(request, publicOrigins)) return;
  throw new HokusaiError(
    'permission_denied',
    'A browser sent this on behalf of another site, which may not change anything here. Add its origin to PUBLIC_ORIGINS if it may.',
    { reason: 'foreign_origin' },
  );
}

function report(
  exchange: Exchange,
  error: HokusaiError,
  credential: Credential,
  options: Pick<GateOptions, 'refusals'>,
): void {
  const reason = error.reason;
  // Outages are no refusals.
  if (reason === undefined || error.code === 'unavailable' || error.code === 'internal') return;
  const keyPrefix = credential.kind === 'key' ? credential.keyPrefix : null;
  options.refusals.refused({ reason, ...reportedRequest(exchange, keyPrefix) });
}
