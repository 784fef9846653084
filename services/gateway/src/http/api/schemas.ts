/**
 * Requests and answers of the management API. Requests are checked for what they are made of; what values
 * may be (which scopes, which limits, whose key) is for the keys service to decide.
 */
import { SCOPES } from '@hokusai/contracts';
import { z } from 'zod';

const UINT32_MAX = 4_294_967_295;
const MAX_PAGE_SIZE = 200;

/** RFC 3339 with an offset. */
const instant = z.iso.datetime({ offset: true, error: 'expected a time such as 2027-01-31T12:00:00Z' });
const count = z.int().min(0).max(UINT32_MAX);
const environment = z.enum(['live', 'test']);

/** `null` counts as left out, as a client with optional fields sends it. */
export const createKeyRequest = z.strictObject({
  name: z.string({ error: ({ input }) => (input === undefined ? 'is required' : 'expected a text') }),
  user_id: z.uuid().nullish(),
  environment: environment.nullish(),
  scopes: z.array(z.string()).nullish(),
  expires_at: instant.nullish(),
  rate_limit_per_hour: count.nullish(),
  burst_limit: count.nullish(),
  burst_window_seconds: count.nullish(),
  allowed_ips: z.array(z.string()).nullish(),
  metadata: z.record(z.string(), z.json()).nullish(),
});
export type CreateKeyBody = z.infer<typeof createKeyRequest>;

const number = z.string().regex(/^\d{1,10}$/, 'expected a whole number');
const boolean = z.enum(['true', 'false'], 'expected true or false').transform((text) => text === 'true');

export const listKeysQuery = z.strictObject({
  limit: number.transform(Number).pipe(z.int().min(1).max(MAX_PAGE_SIZE)).optional(),
  cursor: z.string().optional(),
  user_id: z.uuid().optional(),
  state: z.enum(['active', 'expired', 'revoked']).optional(),
  environment: environment.optional(),
  scope: z.enum(SCOPES).optional(),
  /** Part of the name. */
  name: z.string().optional(),
  unused_since: instant.optional(),
  expires_before: instant.optional(),
});
export type ListKeysQuery = z.infer<typeof listKeysQuery>;

export const revokeKeyQuery = z.strictObject({
  reason: z.string().optional(),
  cascade: boolean.optional(),
  wait: boolean.optional(),
});

const time = z.iso.datetime({ precision: 3 }).nullable();

export const keyResponse = z.strictObject({
  id: z.uuid(),
  key_prefix: z.string(),
  user_id: z.uuid(),
  name: z.string(),
  environment,
  scopes: z.array(z.enum(SCOPES)),
  created_at: time,
  created_by_key_id: z.uuid().nullable(),
  expires_at: time,
  last_used_at: time,
  last_used_ip: z.string().nullable(),
  is_active: z.boolean(),
  revoked_at: time,
  revoked_reason: z.string().nullable(),
  rate_limit_per_hour: z.int(),
  burst_limit: z.int(),
  burst_window_seconds: z.int(),
  /** CIDR blocks; empty: from anywhere. */
  allowed_ips: z.array(z.string()),
  metadata: z.record(z.string(), z.json()),
  retired_secrets: z.array(
    z.strictObject({
      key_prefix: z.string(),
      retired_at: time,
      valid_until: time,
      last_used_at: time,
      last_used_ip: z.string().nullable(),
    }),
  ),
});
export type KeyJson = z.infer<typeof keyResponse>;

/** The one answer that holds the key itself. */
export const createdKeyResponse = keyResponse.extend({ key: z.string() });

export const keyListResponse = z.strictObject({
  data: z.array(keyResponse),
  next_cursor: z.string().nullable(),
});

export const revokedKeyResponse = keyResponse.extend({
  /** Descendants included; 0 if it was revoked before. */
  revoked_count: z.int(),
  /** Which gateways know of it; null if it was not waited for. */
  receipt: z
    .strictObject({
      committed_at: time,
      effective_no_later_than: time,
      complete: z.boolean(),
      gateways: z.array(
        z.strictObject({
          incarnation: z.string(),
          gateway: z.string(),
          status: z.enum(['acknowledged', 'left', 'silent']),
          lag_ms: z.number().nullable(),
          fenced_by: time,
        }),
      ),
    })
    .nullable(),
});
export type RevokedKeyJson = z.infer<typeof revokedKeyResponse>;

export const whoamiResponse = z.strictObject({
  key_id: z.uuid(),
  key_prefix: z.string(),
  name: z.string(),
  environment,
  /** As far as the owner's role allows them. */
  scopes: z.array(z.enum(SCOPES)),
  expires_at: time,
  rate_limit_per_hour: z.int(),
  burst_limit: z.int(),
  burst_window_seconds: z.int(),
  allowed_ips: z.array(z.string()),
  user: z.strictObject({
    id: z.uuid(),
    display_name: z.string(),
    role: z.enum(['member', 'admin']),
  }),
});
export type WhoamiJson = z.infer<typeof whoamiResponse>;
