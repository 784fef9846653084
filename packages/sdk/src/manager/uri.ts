/** The URI of what a path below it names; the path goes before a query, and is not encoded, as MLflow does it. */
export function appendToUri(uri: string, path: string): string {
  if (path === '') {
    return uri;
  }
  const [, base = '', rest = ''] = /^([^?#]*)(.*)$/s.exec(uri) ?? [];
  return `${base.replace(/\/+$/, '')}/${path}${rest}`;
}
