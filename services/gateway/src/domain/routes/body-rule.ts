/**
 * True for a request that must be refused (400) because it has a body where none has a meaning: with an
 * empty query MLflow reads the arguments of a GET from its body, where nobody expects or logs them.
 *
 * A chunked body counts even if it turns out to be empty: this is decided before it is read.
 */
export function isRefusedBody(
  method: string,
  headers: { 'content-length'?: string | undefined; 'transfer-encoding'?: string | undefined },
): boolean {
  if (method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS') return false;
  if (headers['transfer-encoding'] !== undefined) return true;
  const length = headers['content-length'];
  return length !== undefined && !/^0+$/.test(length.trim());
}
