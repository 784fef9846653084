/** Keys in requests and answers. */
import { BLOCKS_LIMIT } from '@hokusai/contracts/addresses';
import {
  GRACE_LIMIT_SECONDS,
  METADATA_DEPTH_LIMIT,
  METADATA_LIMIT_BYTES,
  metadataProblem,
  NAME_LIMIT,
  REASON_LIMIT,
} from '@hokusai/contracts/fields';
import { z } from 'zod';
import {
  cidr,
  count,
  environment,
  expected,
  flag,
  heldScopes,
  instant,
  keyPrefix,
  limit,
  line,
  listOf,
  optionalLine,
  page,
  prefixInPath,
  scopes,
  stored,
  time,
  uuid,
  version,
} from '../fields.ts';

const NAME = { description: 'For people.', examples: ['training pipeline'] };
const name = line(NAME_LIMIT).meta(NAME);
const ratePerHour = limit('Requests in any hour.', 20_000);
const burst = limit('Requests in any `burst_window_seconds`.', 100);
const burstWindow = limit('Length of the burst window in seconds.', 1);

const ALLOWED_IPS = {
  description: 'From where the key works; empty: from anywhere.',
  examples: [['10.0.0.0/8', '2001:db8::/32']],
};
/** A list that came out empty by mistake must not open a key to everybody: who means that says so, `ifEmpty`. */
function allowedIps(ifEmpty: string) {
  return z
    .array(cidr, expected('expected a list of addresses or CIDR blocks'))
    .min(1, `is empty: ${ifEmpty}`)
    .max(BLOCKS_LIMIT, `expected at most ${BLOCKS_LIMIT} blocks`)
    .meta({ ...ALLOWED_IPS, description: 'From where the key works.' });
}

const METADATA = {
  description: `Whatever the owner wants to keep with the key: at most ${METADATA_LIMIT_BYTES} bytes as JSON, ${METADATA_DEPTH_LIMIT} levels deep.`,
  examples: [{ team: 'vision' }],
};
const anyMetadata = z.record(z.string(), z.unknown(), expected('expected an object'));
const metadata = anyMetadata
  .superRefine((value, context) => {
    const message = metadataProblem(value);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .meta(METADATA);

/** `null` counts as left out, as a client with optional fields sends it. */
export const createKeyRequest = z
  .strictObject({
    name,
    user_id: uuid('The owner; the caller if left out.').nullish(),
    environment: environment.nullish(),
    scopes: scopes.nullish(),
    expires_at: instant('From then on the key does not work; never, or as deployed, if left out.').nullish(),
    rate_limit_per_hour: ratePerHour.nullish(),
    burst_limit: burst.nullish(),
    burst_window_seconds: burstWindow.nullish(),
    allowed_ips: allowedIps('leave it out for a key that works from wherever the calling one does').nullish(),
    metadata: metadata.nullish(),
  })
  .meta({ id: 'CreateKeyRequest', description: 'What is left out, or null, takes its default.' });
export type CreateKeyBody = z.infer<typeof createKeyRequest>;

export const updateKeyRequest = z
  .strictObject({
    name: name.optional(),
    scopes: scopes.optional(),
    rate_limit_per_hour: ratePerHour.nullable().optional(),
    burst_limit: burst.nullable().optional(),
    burst_window_seconds: burstWindow.nullable().optional(),
    allowed_ips: allowedIps('say null for a key that works from anywhere').nullable().optional(),
    expires_at: instant('From then on the key does not work; null: never.').nullable().optional(),
    metadata: metadata.nullable().optional(),
    if_version: version
      .optional()
      .meta({ description: 'Change nothing, and answer 409, unless the key has this version.' }),
  })
  .refine(({ if_version, ...fields }) => Object.keys(fields).length > 0, 'name at least one field to change')
  .meta({
    id: 'UpdateKeyRequest',
    minProperties: 1,
    description:
      'What is to change; the rest stays as it is. null sets a limit to its default, the expiry to never, the addresses to anywhere, and empties the metadata.',
  });
export type UpdateKeyBody = z.infer<typeof updateKeyRequest>;

const GRACE = `expected a whole number of seconds from 0 to ${GRACE_LIMIT_SECONDS} (30 days)`;

export const rotateKeyRequest = z
  .strictObject({
    grace_period_seconds: z
      .int(GRACE)
      .min(0, GRACE)
      .max(GRACE_LIMIT_SECONDS, GRACE)
      .nullish()
      .meta({
        description:
          "For how long the old secret goes on working; as deployed (a day) if left out, but not beyond the key's expiry.",
        examples: [86_400],
      }),
  })
  .meta({ id: 'RotateKeyRequest' });
export type RotateKeyBody = z.infer<typeof rotateKeyRequest>;

export const listKeysQuery = z.strictObject({
  ...page,
  user_id: uuid('Keys of this user.').optional(),
  state: z
    .enum(['active', 'expired', 'revoked'], 'expected active, expired or revoked')
    .optional()
    .meta({ description: 'Keys in this state.', examples: ['active'] }),
  environment: environment.optional().meta({ description: 'Keys of this environment.' }),
  scope: scopes.element.optional().meta({ description: 'Keys with this scope.', examples: ['mlflow:read'] }),
  name: line(NAME_LIMIT)
    .optional()
    .meta({
      description:
        'Keys with this in their name, in any case. One or two letters or digits: with a word that begins so.',
      examples: ['train'],
    }),
  unused_since: instant('Keys that were not used since then, or never.').optional(),
  expires_before: instant('Keys that expire before.').optional(),
});
export type ListKeysQuery = z.infer<typeof listKeysQuery>;

export const revokeKeyQuery = z.strictObject({
  reason: optionalLine(REASON_LIMIT)
    .optional()
    .meta({
      description: 'For the audit log, and for whoever still uses the key.',
      examples: ['the laptop was lost'],
    }),
  cascade: flag.optional().meta({ description: 'Revoke the keys that this one created, and theirs, too.' }),
  wait: flag.optional().meta({
    description:
      'Answer when every gateway has applied it, after five seconds at the latest, with a `receipt` that says which have.',
    examples: [true],
  }),
});

export const keyPath = z.strictObject({ id: uuid('Of the key.') });
export const retiredSecretPath = keyPath.extend({
  prefix: prefixInPath,
});

const lastUsedAt = time('When it was last used, to within a minute or so; null: never.').nullable();
const lastUsedIp = z
  .string()
  .nullable()
  .meta({ description: 'From where it was last used.', examples: ['192.0.2.7'] });

const retiredSecret = z
  .strictObject({
    key_prefix: keyPrefix('Public first part of the secret.'),
    retired_at: time('When a rotation replaced it.'),
    valid_until: time('It works until then.'),
    last_used_at: lastUsedAt,
    last_used_ip: lastUsedIp,
  })
  .meta({ id: 'RetiredSecret', description: 'A secret that a rotation replaced.' });

export const keyResponse = z
  .strictObject({
    id: uuid('Stays the same through every rotation.'),
    key_prefix: keyPrefix('Public first part of the current secret, by which people tell keys apart.'),
    user_id: uuid('The owner.'),
    user_display_name: stored('What the owner is called.', 'Ada'),
    name: z.string().meta(NAME),
    environment,
    scopes: heldScopes('What the key may do.'),
    state: z.enum(['active', 'expired', 'revoked']).meta({
      description: 'How the key stands now. An active key of a disabled user does not work either.',
      examples: ['active'],
    }),
    is_active: z
      .boolean()
      .meta({ description: 'Neither revoked nor found to be expired.', examples: [true] }),
    created_at: time('When it was created.'),
    created_by_key_id: uuid('The key that created it; null: made on the keys host.').nullable(),
    rotated_at: time('When it got its current secret; null: at its creation.').nullable(),
    expires_at: time('From then on it does not work; null: never.').nullable(),
    last_used_at: lastUsedAt,
    last_used_ip: lastUsedIp,
    revoked_at: time('When it was revoked.').nullable(),
    revoked_reason: z
      .string()
      .nullable()
      .meta({ description: 'Why, if it was said.', examples: ['the laptop was lost'] }),
    rate_limit_per_hour: ratePerHour,
    burst_limit: burst,
    burst_window_seconds: burstWindow,
    allowed_ips: z.array(z.string()).meta(ALLOWED_IPS),
    metadata: anyMetadata.meta(METADATA),
    version,
    retired_secrets: z.array(retiredSecret).meta({
      description: 'Newest first, until 90 days after their end: those that still work, and the newest 20.',
    }),
  })
  .meta({ id: 'Key', description: 'A key as people see it: everything but its secret.' });
export type KeyJson = z.infer<typeof keyResponse>;

/** The one answer that holds the key itself. */
export const keyWithSecretResponse = keyResponse
  .extend({
    key: z.string().meta({
      description: 'The whole key. It is answered this once, and kept nowhere.',
      examples: ['hk_live_4fQ0ZyB2kL9x…'],
    }),
  })
  .meta({ id: 'KeyWithSecret', description: 'A key with its new secret.' });

export const keyListResponse = listOf('KeyList', keyResponse);

const gatewayReceipt = z
  .strictObject({
    incarnation: z.string().meta({
      description: 'Of the gateway process; new at each start.',
      examples: ['6f1c9a7d-5b0c-4a52-9a9c-8f7b0c6f1c9a'],
    }),
    gateway: z.string().meta({ description: 'For people.', examples: ['host:8080'] }),
    status: z.enum(['acknowledged', 'left', 'silent']).meta({
      description: 'It has applied the revocation, has said goodbye, or has not answered.',
      examples: ['acknowledged'],
    }),
    lag_ms: z
      .number()
      .nullable()
      .meta({
        description:
          'From the commit until its acknowledgement was recorded; null if it has not acknowledged, or the key was revoked before.',
        examples: [12],
      }),
    fenced_by: time('When a silent gateway stops serving the key by itself; else null.').nullable(),
  })
  .meta({ id: 'GatewayReceipt' });

const receipt = z
  .strictObject({
    committed_at: time('When the revocation was committed.'),
    effective_no_later_than: time('From then on no gateway serves the key, whatever is broken.'),
    complete: z.boolean().meta({
      description:
        'Every gateway that may have served the key is listed. False for some time after the database was restarted or restored: it may not know who followed it before.',
      examples: [true],
    }),
    gateways: z.array(gatewayReceipt).meta({ description: 'Each that may have served the key.' }),
  })
  .meta({ id: 'RevocationReceipt', description: 'Which gateways know of it.' });

export const revokedKeyResponse = keyResponse
  .extend({
    revoked_count: count('How many keys were revoked, descendants included; 0 if it was revoked before.', 1),
    receipt: receipt.nullable().meta({ description: 'null if it was not waited for.' }),
  })
  .meta({ id: 'RevokedKey' });
export type ReceiptJson = z.infer<typeof revokedKeyResponse>['receipt'];
