/** TLS of a gRPC client. */
import { checkServerIdentity } from 'node:tls';
import { ChannelCredentials, credentials } from '@grpc/grpc-js';

/** Each in PEM. */
export interface ClientTls {
  /** Whose certificates of servers are trusted; those that Node trusts if absent. */
  ca?: string;
  /** Proves to the service who is calling. */
  identity?: { certificate: string; key: string };
}

type Connector = ReturnType<ChannelCredentials['_createSecureConnector']>;
type ConnectorArguments = Parameters<ChannelCredentials['_createSecureConnector']>;

/** Credentials that each connection takes anew, so that a channel outlives a certificate. */
export class RenewableCredentials extends ChannelCredentials {
  readonly #names: readonly string[];
  readonly #current: () => ClientTls;

  /** `names`: those of the hosts that the channel goes to. */
  constructor(names: readonly string[], current: () => ClientTls) {
    super();
    this.#names = names;
    this.#current = current;
  }

  override _isSecure(): boolean {
    return true;
  }

  override _equals(other: ChannelCredentials): boolean {
    return other === this;
  }

  override _createSecureConnector(...where: ConnectorArguments): Connector {
    const connector = () => sslCredentials(this.#names, this.#current())._createSecureConnector(...where);
    const first = connector();
    return {
      connect: (socket) => connector().connect(socket),
      waitForReady: () => first.waitForReady(),
      getCallCredentials: () => first.getCallCredentials(),
      destroy: () => first.destroy(),
    };
  }
}

function sslCredentials(names: readonly string[], { ca, identity }: ClientTls): ChannelCredentials {
  const pem = (text: string | undefined) => (text === undefined ? null : Buffer.from(text));
  return credentials.createSsl(pem(ca), pem(identity?.key), pem(identity?.certificate), {
    // One channel goes to several hosts, and grpc-js would expect the first one's name of all of them.
    checkServerIdentity: (_, certificate) => {
      const problems = names.map((name) => checkServerIdentity(name, certificate));
      return problems.includes(undefined) ? undefined : problems[0];
    },
  });
}
