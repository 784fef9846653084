import type { ApiClient } from '../../api/client.ts';
import { keySchema } from '../../api/schemas.ts';
import { Failure } from '../../failure.ts';
import { keyPath } from './addresses.ts';
import { keyTitle } from './key-view.ts';

/** A key as a question names it. */
export interface Named {
  title: string;
  /** Whether it is the key that is called with. */
  isOwn: boolean;
}

/** Who may change keys but not read them is shown its id. */
export async function nameOf(client: ApiClient, keyId: string): Promise<Named> {
  try {
    const { value } = await client.send(keySchema, { method: 'GET', path: keyPath(keyId) });
    return { title: keyTitle(value), isOwn: client.access.key.value.startsWith(value.key_prefix) };
  } catch (error) {
    if (error instanceof Failure && error.kind === 'forbidden') return { title: keyId, isOwn: false };
    throw error;
  }
}
