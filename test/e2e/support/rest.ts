/** Calls of the management API, as a platform engineer makes them with curl. */
import assert from 'node:assert/strict';

export interface CreatedKey {
  id: string;
  key: string;
  key_prefix: string;
}

/** One call with a key as Bearer token; the body is parsed whatever the status. */
export async function call(
  gatewayUrl: string,
  key: string,
  method: string,
  path: string,
  body?: object,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${gatewayUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

export async function createKey(gatewayUrl: string, adminKey: string, fields: object): Promise<CreatedKey> {
  const { status, body } = await call(gatewayUrl, adminKey, 'POST', '/api/v1/auth/keys', fields);
  assert.equal(status, 201, JSON.stringify(body));
  return body as unknown as CreatedKey;
}

export async function revokeKey(gatewayUrl: string, adminKey: string, id: string): Promise<void> {
  const { status, body } = await call(gatewayUrl, adminKey, 'DELETE', `/api/v1/auth/keys/${id}`);
  assert.equal(status, 200, JSON.stringify(body));
}
