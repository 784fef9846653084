/** TLS of a gRPC server. */
import { constants } from 'node:crypto';
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
class TlsCredentials extends ServerCredentials {
  constructor({ certificate, key, clientCa }: ServerTls) {
    super(
      {
        requestCert: clientCa !== undefined,
        rejectUnauthorized: false,
        secureOptions: constants.SSL_OP_NO_TICKET,
      },
      { cert: certificate, key, ...(clientCa === undefined ? {} : { ca: clientCa }) },
    );
  }

  override _equals(other: ServerCredentials): boolean {
    return other === this;
  }
}

/** Plain HTTP/2 without `tls`. */
export function serverCredentials(tls: ServerTls | undefined): ServerCredentials {
  return tls ? new TlsCredentials(tls) : ServerCredentials.createInsecure();
}
