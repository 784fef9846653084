/** How users and inboxes of the bus are named in connection options. */

import type { BackendTls } from '../tls/client-variables.ts';

export interface NatsOptions {
  servers: string[];
  user?: string;
  pass?: string;
  /** Insists on TLS. Without it the client takes what the server offers, be that nothing. */
  tls?: BackendTls;
}

/** `nats://user:password@host:port` taken apart; several servers may be separated by commas. */
export function natsOptionsOf(url: string, tls: BackendTls = {}): NatsOptions {
  const urls = url.split(',').map((one) => new URL(one.trim()));
  const { username, password } = urls[0] as URL;
  const options: NatsOptions = { servers: urls.map(({ host }) => host) };
  if (urls.some(({ protocol }) => protocol === 'tls:')) options.tls = tls;
  if (!username) return options;
  return { ...options, user: decodeURIComponent(username), pass: decodeURIComponent(password) };
}

/** Inboxes of one user stand under a prefix of their own, so that users can't read each other's replies. */
export function inboxPrefixOf(user: string | undefined): string {
  return user ? `_INBOX_${user}` : '_INBOX';
}
