/** TLS of the public server: 1.2 and 1.3, with ciphers that keep a recorded connection secret for good. */
import type { Server, ServerResponse } from 'node:http';
import { createSecureContext, type SecureContextOptions, Server as SecureServer } from 'node:tls';

/** Both in PEM; the certificate with what leads up to its authority. */
export interface PublicTls {
  certificate: string;
  key: string;
  /** For how long browsers are to come by HTTPS only; 0: they are not told. */
  hstsSeconds: number;
}

/**
 * Of TLS 1.2, those with forward secrecy and authenticated encryption, as in Mozilla's "intermediate" recommendation
 * (ssl-config.mozilla.org, version 5.7); TLS 1.3 has no others.
 */
const CIPHERS = [
  ...['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'],
  ...['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES128-GCM-SHA256'],
  ...['ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES256-GCM-SHA384'],
  ...['ECDHE-ECDSA-CHACHA20-POLY1305', 'ECDHE-RSA-CHACHA20-POLY1305'],
].join(':');

/** A client that has connected has so long to agree on a key. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;

/** Throws if the pair can't be used. */
export function secureContext({ certificate, key }: PublicTls): SecureContextOptions {
  const options: SecureContextOptions = { cert: certificate, key, minVersion: 'TLSv1.2', ciphers: CIPHERS };
  createSecureContext(options);
  return options;
}

/** Takes another certificate for connections from now on. Throws if it can't be used. */
export function renewTls(server: Server, tls: PublicTls | undefined): void {
  if (tls && server instanceof SecureServer) server.setSecureContext(secureContext(tls));
}

/** Has every answer tell browsers to come by HTTPS only (RFC 6797). */
export function announceStrictTransport(server: Server, { hstsSeconds }: PublicTls): void {
  if (hstsSeconds === 0) return;
  for (const event of ['request', 'checkContinue', 'checkExpectation'])
    server.prependListener(event, (_incoming, outgoing: ServerResponse) => {
      outgoing.setHeader('Strict-Transport-Security', `max-age=${hstsSeconds}`);
    });
}
