import type { Queryable } from '@hokusai/service-kit';
import type { Digest } from '../domain/digest.ts';
import type { StoredSecret } from '../domain/secret.ts';

/**
 * Replaces verifiers of a secret by newer ones, unless it was rotated or upgraded meanwhile. Nothing that
 * matters to authorisation changes, so the version stays and nobody is told.
 */
export async function upgradeSecret(
  database: Queryable,
  secret: StoredSecret,
  upgrade: { hash?: string; digest?: Digest },
): Promise<void> {
  const table = secret.retiredAt === null ? 'api_keys' : 'retired_secrets';
  await database.query(
    `update ${table} set key_hash = coalesce($3, key_hash), key_digest = coalesce($4, key_digest),
       pepper_id = coalesce($5, pepper_id)
     where key_prefix = $1 and key_hash = $2`,
    [
      ...[secret.keyPrefix, secret.hash, upgrade.hash ?? null],
      ...[upgrade.digest?.digest ?? null, upgrade.digest?.pepperId ?? null],
    ],
  );
}
