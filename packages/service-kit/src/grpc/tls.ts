/** TLS of a gRPC server. */
import { constants } from 'node:crypto';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { ServerCredentials } from '@grpc/grpc-js';

/** Each in PEM. */
export interface ServerTls {
  /** The server's own, with what leads up to its CA. */
  certificate: string;
  key: string;
  /** Whose certificates prove callers; absent: tokens only. */
  clientCa?: string;
}

/**
 * Credentials that ask for a client certificate but take connections without one too, for callers with a token
 * and for health probes. `ServerCredentials.createSsl` knows only "required" and "not asked for".
 *
 * A certificate of another CA lets the connection stand and counts for nothing (`authorized` is false then).
 * No session is resumed: connections are few and long, and each shall be verified by itself.
 */
export class TlsCredentials extends ServerCredentials {
  constructor(tls: ServerTls) {
    super(
      {
        requestCert: tls.clientCa !== undefined,
        rejectUnauthorized: false,
        secureOptions: constants.SSL_OP_NO_TICKET,
      },
      contextOf(tls),
    );
  }

  /** For connections from now on. Throws if it can't be used. */
  renew(tls: ServerTls): void {
    const context = contextOf(tls);
    createSecureContext(context);
    this.updateSecureContextOptions(context);
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }
}

function contextOf({ certificate, key, clientCa }: ServerTls): SecureContextOptions {
  return {
    cert: certificate,
    key,
    minVersion: 'TLSv1.2',
    ...(clientCa === undefined ? {} : { ca: clientCa }),
  };
}
