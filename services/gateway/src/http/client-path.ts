/** The way a request took from the client to here, as far as it can be believed. */
import { isIP } from 'node:net';
import { UNKNOWN_ADDRESS } from '@hokusai/contracts/addresses';
import proxyAddr from 'proxy-addr';
import { rememberingTexts } from '../domain/remembering-texts.ts';
import type { ClientRequest } from './client-request.ts';

export interface ClientPath {
  /**
   * The client's address: the first one, seen from here, that is no trusted proxy. v4 or v6, no port; or
   * `UNKNOWN_ADDRESS`, never empty.
   */
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
export function clientPathReader(trustedProxies: readonly string[]): (request: ClientRequest) => ClientPath {
  const trusts = proxyAddr.compile([...trustedProxies]);
  return (request) => {
    // A socket that is closed by now has no address any more.
    const peer = peerAddress(request.socket.remoteAddress ?? '');
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

/** The same clients come again and again. */
const peerAddress = rememberingTexts((text) => addressOf(text) ?? UNKNOWN_ADDRESS);

type Trusts = (address: string, hop: number) => boolean;

function behindProxies(request: ClientRequest, peer: string, trusts: Trusts): ClientPath {
  const { headers } = request;
  const hops = hopsOf(peer, textOf(headers['x-forwarded-for']), trusts);
  return {
    clientIp: hops.at(-1) ?? peer,
    forwardedFor: hops.toReversed().join(', '),
    scheme: statedScheme(textOf(headers['x-forwarded-proto'])) ?? schemeOfSocket(request),
    host: lastOf(textOf(headers['x-forwarded-host'])) ?? headers.host,
    outerPrefix: outerPrefixOf(textOf(headers['x-forwarded-prefix'])),
    isTrusted: true,
  };
}

/** Trusted ones, with this process's own peer: no chain is as long, unless somebody made it up. */
const MAX_HOPS = 50;

/**
 * The addresses from here outwards, up to the first that is not trusted. A hop that states no address, an
 * empty one included, leaves it open who stands behind: the client may have written all the rest, and is
 * not the hop itself. So does a chain of trusted ones that does not come to its end.
 */
function hopsOf(peer: string, stated: string | undefined, trusts: Trusts): string[] {
  const hops = [peer];
  for (const entry of stated?.split(',').toReversed() ?? []) {
    const address = addressOf(withoutPort(entry.trim())) ?? UNKNOWN_ADDRESS;
    const isBeyond = hops.length > MAX_HOPS;
    hops.push(isBeyond ? UNKNOWN_ADDRESS : address);
    if (isBeyond || !trusts(address, hops.length)) break;
  }
  return hops;
}

/** Some proxies state the client's port too: `192.0.2.1:1234`, `[2001:db8::1]:1234`. */
function withoutPort(entry: string): string {
  const [, v6, v4] = /^(?:\[([^\]]*)\](?::\d{1,5})?|([\d.]+):\d{1,5})$/.exec(entry) ?? [];
  return v6 ?? v4 ?? entry;
}

/**
 * An IPv4 client of a dual-stack socket is `::ffff:a.b.c.d`; a link-local one carries a zone. Undefined for
 * what is no address.
 */
function addressOf(text: string): string | undefined {
  if (isIP(text) === 0) return undefined;
  if (text.startsWith('::ffff:') && text.includes('.')) return text.slice('::ffff:'.length);
  const zone = text.indexOf('%');
  return zone < 0 ? text : text.slice(0, zone);
}

function schemeOfSocket(request: ClientRequest): 'http' | 'https' {
  return 'encrypted' in request.socket ? 'https' : 'http';
}

/** The word of the nearest proxy, which is the last in the list. */
function statedScheme(value: string | undefined): 'http' | 'https' | undefined {
  const last = lastOf(value)?.toLowerCase();
  return last === 'http' || last === 'https' ? last : undefined;
}

/**
 * With its final slashes apart. It is looked for at the beginning alone: proxies pass on what strangers send, and
 * looking for slashes at the end takes the square of their number.
 */
const OUTER_PREFIX = /^((?:\/[A-Za-z0-9._~-]+)+)\/*$/;

function outerPrefixOf(value: string | undefined): string {
  return OUTER_PREFIX.exec(lastOf(value) ?? '')?.[1] ?? '';
}

function lastOf(value: string | undefined): string | undefined {
  return value?.split(',').at(-1)?.trim() || undefined;
}

function textOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value.join(', ') : value;
}
