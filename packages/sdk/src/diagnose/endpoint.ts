import type { Endpoint } from './dependencies.ts';

export function endpointOf({ protocol, hostname, port }: URL): Endpoint {
  const fallback = protocol === 'https:' ? 443 : 80;
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? fallback : Number(port) };
}

/** Host and port, for people. */
export function placeOf({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}
