/** Under which origins a browser on the gateway's own machine or network sees it, without a proxy. */
export function ownOrigins(host: string, port: number): string[] {
  const hosts = new Set(['localhost', '127.0.0.1', '[::1]', host.includes(':') ? `[${host}]` : host]);
  // As browsers write it: port 80 is left out.
  return [...hosts].map((name) => `http://${name}${port === 80 ? '' : `:${port}`}`);
}
