/** Where keys may travel over plain HTTP: from the machine itself, from anywhere, from nowhere. */
export const INSECURE_HTTP = ['loopback', 'any', 'never'] as const;
export type InsecureHttp = (typeof INSECURE_HTTP)[number];

export interface Transport {
  scheme: 'http' | 'https';
  /** The client's address, behind all trusted proxies. */
  clientIp: string;
}

/** False if a key may have been read on its way here. */
export function isSecureEnough({ scheme, clientIp }: Transport, allowed: InsecureHttp): boolean {
  if (scheme === 'https' || allowed === 'any') return true;
  return allowed === 'loopback' && (clientIp === '::1' || clientIp.startsWith('127.'));
}
