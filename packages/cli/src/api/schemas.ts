/** Answers of the API, as far as they are shown to people. What else is in them passes through to --json. */
import { z } from 'zod';

const time = z.string().nullable();
const text = z.string().nullish();

const limits = {
  rate_limit_per_hour: z.number(),
  burst_limit: z.number(),
  burst_window_seconds: z.number(),
  allowed_ips: z.array(z.string()),
};

const retiredSecret = z.looseObject({
  key_prefix: z.string(),
  retired_at: time,
  valid_until: time,
  last_used_at: time,
  last_used_ip: z.string().nullable(),
});

export const keySchema = z.looseObject({
  id: z.string(),
  key_prefix: z.string(),
  user_id: z.string(),
  user_display_name: text,
  name: z.string(),
  environment: z.string(),
  scopes: z.array(z.string()),
  state: z.string(),
  created_at: time,
  created_by_key_id: z.string().nullable(),
  expires_at: time,
  rotated_at: text,
  last_used_at: time,
  last_used_ip: z.string().nullable(),
  revoked_at: time,
  revoked_reason: z.string().nullable(),
  ...limits,
  metadata: z.record(z.string(), z.unknown()),
  retired_secrets: z.array(retiredSecret),
  version: z.string(),
});
export type Key = z.infer<typeof keySchema>;

/** A key that can be sent in a header, and shown: no control characters, whatever came. */
export const newKeySchema = keySchema.extend({ key: z.string().regex(/^[\x21-\x7e]{1,512}$/) });
export type NewKey = z.infer<typeof newKeySchema>;

const receiptSchema = z.looseObject({
  committed_at: time,
  effective_no_later_than: time,
  complete: z.boolean(),
  gateways: z.array(
    z.looseObject({
      gateway: z.string(),
      status: z.string(),
      lag_ms: z.number().nullable(),
      fenced_by: time,
    }),
  ),
});
export type Receipt = z.infer<typeof receiptSchema>;

export const revokedKeySchema = keySchema.extend({
  revoked_count: z.number(),
  receipt: receiptSchema.nullable(),
});

export const whoamiSchema = z.looseObject({
  key_id: z.string(),
  key_prefix: z.string(),
  name: z.string(),
  environment: z.string(),
  scopes: z.array(z.string()),
  expires_at: time,
  secret_valid_until: text,
  ...limits,
  user: z.looseObject({ id: z.string(), display_name: z.string(), role: z.string() }),
});
export type Whoami = z.infer<typeof whoamiSchema>;

export const userSchema = z.looseObject({
  id: z.string(),
  external_id: z.string().nullable(),
  email: z.string().nullable(),
  display_name: z.string(),
  role: z.string(),
  rate_limit_per_hour: z.number().nullable(),
  created_at: time,
  disabled_at: time,
});
export type User = z.infer<typeof userSchema>;
