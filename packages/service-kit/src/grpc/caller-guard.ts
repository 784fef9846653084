/** Lets known callers through to the methods that are granted to them, and nobody else, before any other work. */
import { timingSafeEqual, X509Certificate } from 'node:crypto';
import type { PeerCertificate } from 'node:tls';
import { type Metadata, ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import {
  CALLER_REFUSALS,
  type ErrorObserver,
  HokusaiError,
  noteCaller,
  observeFailure,
  toStatus,
} from '@hokusai/contracts';
import { type CallerEntry, sha256 } from './callers.ts';
import { UNKNOWN_METHOD } from './headers.ts';

export interface CallerGuardOptions {
  callers: readonly CallerEntry[];
  /** Told of each refused call. */
  observe: ErrorObserver;
}

/** Whoever watches over a process asks for its health, and has no business of its own here. */
const OPEN = /^\/grpc\.health\.v1\.Health\//;
/** What the server says of itself, where it says so at all, is for any caller. */
const FOR_ANY_CALLER = /^\/grpc\.reflection\.v1(alpha)?\.ServerReflection\//;

/**
 * A call is refused with UNAUTHENTICATED if it has no credential or one that is not configured, and with
 * PERMISSION_DENIED if its method is not granted: unary and streaming calls alike, before a message of theirs
 * is read. Handlers find the caller's name in the metadata, and no credential (`observeFailure`).
 */
export function guardCallers({ callers, observe }: CallerGuardOptions): ServerInterceptor {
  return ({ path }, call) =>
    new ServerInterceptingCall(call, {
      start: (next) =>
        next({
          onReceiveMetadata: (metadata, pass) => {
            const certificate = () => call.getAuthContext().sslPeerCertificate;
            const caller = OPEN.test(path) ? undefined : callerOf(callers, metadata, certificate);
            noteCaller(metadata, caller?.name);
            const refusal = OPEN.test(path) ? undefined : refusalOf(caller, path);
            if (!refusal) return pass(metadata);
            observeFailure(observe, { metadata, getPath: () => path }, refusal);
            call.sendStatus(toStatus(refusal));
          },
        }),
    });
}

function refusalOf(caller: CallerEntry | undefined, path: string): HokusaiError | undefined {
  if (!caller)
    return new HokusaiError(
      'unauthenticated',
      'The call carries no token and no client certificate that this service knows.',
      { reason: CALLER_REFUSALS.unknown },
    );
  if (caller.paths.has(path) || FOR_ANY_CALLER.test(path) || path === UNKNOWN_METHOD) return undefined;
  return new HokusaiError('permission_denied', `The caller ${caller.name} may not call ${path.slice(1)}.`, {
    reason: CALLER_REFUSALS.notGranted,
  });
}

/** A token counts before a certificate: a wrong one is not made good by it. */
function callerOf(
  callers: readonly CallerEntry[],
  metadata: Metadata,
  certificate: () => PeerCertificate | undefined,
): CallerEntry | undefined {
  const authorization = metadata.get('authorization');
  if (authorization.length > 0) return callerByToken(callers, authorization.join());
  const peer = certificate();
  return peer && callerByCertificate(callers, peer);
}

/** Compares with all of them, in a time that tells nothing of how much of a digest is right. */
function callerByToken(callers: readonly CallerEntry[], authorization: string): CallerEntry | undefined {
  const token = /^Bearer +([^ ]+)$/i.exec(authorization)?.[1];
  if (token === undefined) return undefined;
  const digest = sha256(token);
  let found: CallerEntry | undefined;
  for (const caller of callers) {
    const { credential } = caller;
    if (credential.kind === 'token' && timingSafeEqual(credential.sha256, digest)) found = caller;
  }
  return found;
}

/** The certificate is one that a CA of `TLS_CLIENT_CA` made: grpc-js hands over no other. */
function callerByCertificate(
  callers: readonly CallerEntry[],
  peer: PeerCertificate,
): CallerEntry | undefined {
  const certificate = new X509Certificate(peer.raw);
  return callers.find(({ credential }) => {
    if (credential.kind !== 'certificate') return false;
    if (peer.subject?.CN === credential.name) return true;
    const options = { subject: 'never', wildcards: false, partialWildcards: false } as const;
    return certificate.checkHost(credential.name, options) !== undefined;
  });
}
