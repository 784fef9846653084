/** How users and inboxes of the bus are named in connection options. */

/** `nats://user:password@host:port` taken apart; several servers may be separated by commas. */
export function natsOptionsOf(url: string): { servers: string[]; user?: string; pass?: string } {
  const urls = url.split(',').map((one) => new URL(one.trim()));
  const { username, password } = urls[0] as URL;
  const servers = urls.map(({ host }) => host);
  if (!username) return { servers };
  return { servers, user: decodeURIComponent(username), pass: decodeURIComponent(password) };
}

/** Inboxes of one user stand under a prefix of their own, so that users can't read each other's replies. */
export function inboxPrefixOf(user: string | undefined): string {
  return user ? `_INBOX_${user}` : '_INBOX';
}
