/** How users and inboxes of the bus are named in connection options. */

import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { BackendTls } from '../tls/client-variables.ts';

export interface NatsOptions {
  servers: string[];
  user?: string;
  pass?: string;
  /** Insists on TLS. Without it the client takes what the server offers, be that nothing. */
  tls?: BackendTls & {
    checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined;
  };
}

/** `nats://user:password@host:port` taken apart; several servers may be separated by commas. */
export function natsOptionsOf(url: string, tls: BackendTls = {}): NatsOptions {
  const urls = url.split(',').map((one) => new URL(one.trim()));
  const { username, password } = urls[0] as URL;
  const options: NatsOptions = { servers: urls.map(({ host }) => host) };
  if (urls.some(({ protocol }) => protocol === 'tls:'))
    options.tls = { ...tls, checkServerIdentity: forOneOf(urls.map(({ hostname }) => hostname)) };
  if (!username) return options;
  return { ...options, user: decodeURIComponent(username), pass: decodeURIComponent(password) };
}

/** The client names no host that is an address, of which Node would then expect the name `localhost`. */
function forOneOf(hosts: readonly string[]) {
  return (_: string, certificate: PeerCertificate): Error | undefined => {
    const problems = hosts.map((name) => checkServerIdentity(name.replace(/^\[(.*)\]$/, '$1'), certificate));
    return problems.includes(undefined) ? undefined : problems[0];
  };
}

/** Inboxes of one user stand under a prefix of their own, so that users can't read each other's replies. */
export function inboxPrefixOf(user: string | undefined): string {
  return user ? `_INBOX_${user}` : '_INBOX';
}
