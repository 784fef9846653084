import type { ApiClient } from '../../api/client.ts';
import { keySchema } from '../../api/schemas.ts';
import { Failure } from '../../failure.ts';
import { keyPath } from './addresses.ts';
import { keyTitle } from './key-view.ts';

/** What to call a key in a question. Who may change keys but not read them is shown its id. */
export async function titleOf(client: ApiClient, keyId: string): Promise<string> {
  try {
    const { value } = await client.send(keySchema, { method: 'GET', path: keyPath(keyId) });
    return keyTitle(value);
  } catch (error) {
    if (error instanceof Failure && error.kind === 'forbidden') return keyId;
    throw error;
  }
}
