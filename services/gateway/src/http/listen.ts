/** Start of the public server. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { StartupError } from '@hokusai/service-kit';

/** Resolves with the port. Throws StartupError, naming the variable to change, if the address can't be had. */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
  } catch (error) {
    throw new StartupError(explain(error as NodeJS.ErrnoException, host, port), { cause: error });
  }
  return (server.address() as AddressInfo).port;
}

function explain({ code, message }: NodeJS.ErrnoException, host: string, port: number): string {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is in use by another process: end that, or set GATEWAY_PORT to a free port.`;
    case 'EACCES':
      return `Port ${port} may not be opened by this user: set GATEWAY_PORT to one from 1024 on.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine: set GATEWAY_HOST to one that is.`;
    default:
      return `The gateway can't listen on ${host}, port ${port} (GATEWAY_HOST, GATEWAY_PORT): ${message}`;
  }
}
