/** Under which origins a browser on the gateway's own machine or network sees it, without a proxy. */
export function ownOrigins(scheme: 'http' | 'https', host: string, port: number): string[] {
  const hosts = new Set(['localhost', '127.0.0.1', '[::1]', host.includes(':') ? `[${host}]` : host]);
  // As browsers write it: the scheme's own port is left out.
  const isUsual = port === (scheme === 'https' ? 443 : 80);
  return [...hosts].map((name) => `${scheme}://${name}${isUsual ? '' : `:${port}`}`);
}
