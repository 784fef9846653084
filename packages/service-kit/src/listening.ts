/** Servers at addresses from the configuration: that no two have the same, and what is said where one can't be had. */
import { isIPv4, type Server } from 'node:net';
import type { ConfigRule } from './config.ts';
import { StartupError } from './lifecycle.ts';

export interface ListeningAddress {
  host: string;
  /** 0: any free one. */
  port: number;
}

/**
 * Listens at the address that `<prefix>_HOST` and `<prefix>_PORT` say. Resolves with the port. Throws StartupError, naming
 * the variable to change, if the address can't be had.
 */
export async function listenAt(server: Server, address: ListeningAddress, prefix: string): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(address.port, address.host, resolve);
    });
  } catch (error) {
    throw listeningError(error as Error, address, prefix);
  }
  const bound = server.address();
  return typeof bound === 'object' && bound ? bound.port : address.port;
}

/** What to do about it. gRPC tells the code in its message only. */
export function listeningError(cause: Error, { host, port }: ListeningAddress, prefix: string): StartupError {
  const { code = /\b(?:EADDRINUSE|EACCES|EADDRNOTAVAIL|ENOTFOUND)\b/.exec(cause.message)?.[0] } =
    cause as NodeJS.ErrnoException;
  return new StartupError(explain(code), { cause });

  function explain(reason: string | undefined): string {
    switch (reason) {
      case 'EADDRINUSE':
        return `Port ${port} on ${host} is in use: end the process that has it, or set ${prefix}_PORT to a free port.`;
      case 'EACCES':
        return `Port ${port} may not be opened by this user: set ${prefix}_PORT to one from 1024 on.`;
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
        return `${host} is not an address of this machine: set ${prefix}_HOST to one that is.`;
      default:
        return `Nothing can listen on ${host}, port ${port} (${prefix}_HOST, ${prefix}_PORT): ${cause.message}`;
    }
  }
}

type AddressValues<Prefix extends string> = Record<`${Prefix}_HOST`, string> &
  Record<`${Prefix}_PORT`, number>;

/** The health server and the one of `<prefix>_HOST` and `<prefix>_PORT` are in one process: they need a port each. */
export function ownPortsRule<const Prefix extends string>(
  prefix: Prefix,
): ConfigRule<AddressValues<'HEALTH'> & AddressValues<Prefix>> {
  const addressIn = (values: object, of: string): KnownAddress => {
    const { [`${of}_HOST`]: host, [`${of}_PORT`]: port } = values as Record<string, never>;
    return { host, port };
  };
  return (values) =>
    collide(addressIn(values, 'HEALTH'), addressIn(values, prefix))
      ? [`HEALTH_PORT: is also ${prefix}_PORT; give it a port of its own`]
      : [];
}

/** As far as it was given, and is right. */
type KnownAddress = { [Part in keyof ListeningAddress]: ListeningAddress[Part] | undefined };

/** Whether the system would refuse the second of the two. What is missing collides with nothing. */
export function collide(one: KnownAddress, other: KnownAddress): boolean {
  if (!one.host || !other.host || !one.port || one.port !== other.port) return false;
  return one.host === other.host || covers(one.host, other.host) || covers(other.host, one.host);
}

function covers(all: string, host: string): boolean {
  return all === '::' || all === '[::]' || (all === '0.0.0.0' && isIPv4(host));
}
