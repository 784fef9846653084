/** The way a request took from the client to here, as far as it can be believed. */
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';

export interface ClientPath {
  /** The client's address: the first one, seen from here, that is no trusted proxy. v4 or v6, no port. */
  clientIp: string;
  /** Value for X-Forwarded-For: the client and the trusted proxies between. */
  forwardedFor: string;
  scheme: 'http' | 'https';
  /** What the client called us, with its port. */
  host: string | undefined;
  /** Path that a trusted proxy has cut off, without a final `/`; usually empty. */
  outerPrefix: string;
  /** The peer is a trusted proxy: what it says about forwarding holds. */
  isTrusted: boolean;
}

/** `trustedProxies`: addresses, CIDR blocks, or proxy-addr's `loopback`, `linklocal`, `uniquelocal`. */
export function clientPathReader(
  trustedProxies: readonly string[],
): (request: IncomingMessage) => ClientPath {
  const trusts = proxyAddr.compile([...trustedProxies]);
  return (request) => {
    const peer = plainAddress(request.socket.remoteAddress ?? '');
    if (trustedProxies.length > 0 && trusts(peer, 0)) return behindProxies(request, peer, trusts);
    return {
      clientIp: peer,
      forwardedFor: peer,
      scheme: schemeOfSocket(request),
      host: request.headers.host,
      outerPrefix: '',
      isTrusted: false,
    };
  };
}

/** True for what may stand in a list of trusted proxies. */
export function isTrustable(text: string): boolean {
  try {
    proxyAddr.compile(text);
    return text !== '';
  } catch {
    return false;
  }
}

type Trusts = (address: string, hop: number) => boolean;

function behindProxies(request: IncomingMessage, peer: string, trusts: Trusts): ClientPath {
  const { headers } = request;
  const stated = textOf(headers['x-forwarded-for']);
  const seen = { socket: { remoteAddress: peer }, headers: { 'x-forwarded-for': stated } };
  // From here outwards, up to the first that is not trusted. What a hop states that is no address is no
  // reason to believe in those behind it.
  const hops = proxyAddr.all(seen as unknown as IncomingMessage, trusts).map(plainAddress);
  const firstUnreadable = hops.findIndex((hop) => isIP(hop) === 0);
  const known = firstUnreadable < 0 ? hops : hops.slice(0, firstUnreadable);
  return {
    clientIp: known.at(-1) ?? peer,
    forwardedFor: known.toReversed().join(', '),
    scheme: statedScheme(textOf(headers['x-forwarded-proto'])) ?? schemeOfSocket(request),
    host: lastOf(textOf(headers['x-forwarded-host'])) ?? headers.host,
    outerPrefix: outerPrefixOf(textOf(headers['x-forwarded-prefix'])),
    isTrusted: true,
  };
}

/** An IPv4 client of a dual-stack socket is `::ffff:a.b.c.d`; a link-local one carries a zone. */
function plainAddress(address: string): string {
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice('::ffff:'.length);
  const zone = address.indexOf('%');
  return zone < 0 ? address : address.slice(0, zone);
}

function schemeOfSocket(request: IncomingMessage): 'http' | 'https' {
  return 'encrypted' in request.socket ? 'https' : 'http';
}

/** The word of the nearest proxy, which is the last in the list. */
function statedScheme(value: string | undefined): 'http' | 'https' | undefined {
  const last = lastOf(value)?.toLowerCase();
  return last === 'http' || last === 'https' ? last : undefined;
}

function outerPrefixOf(value: string | undefined): string {
  const prefix = lastOf(value)?.replace(/\/+$/, '') ?? '';
  return /^(?:\/[A-Za-z0-9._~-]+)+$/.test(prefix) ? prefix : '';
}

function lastOf(value: string | undefined): string | undefined {
  return value?.split(',').at(-1)?.trim() || undefined;
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
