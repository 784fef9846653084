/** Events of the stream KEYS: what happened to keys, for the usage service and outside subscribers. */
import { z } from 'zod';
import { cloudEventOf } from './cloud-event.ts';

export const KEY_EVENT_ACTIONS = [
  'created',
  'updated',
  'rotated',
  'revoked',
  'expired',
  'expiring',
  'quota.near',
] as const;
export type KeyEventAction = (typeof KEY_EVENT_ACTIONS)[number];

/** How long before a key's expiry it is announced. */
export const EXPIRY_NOTICES = ['7d', '1d', '1h'] as const;
export type ExpiryNotice = (typeof EXPIRY_NOTICES)[number];

/** Hourly limits: of the key, and of its owner over all keys. */
export const QUOTA_POLICIES = ['hour', 'user'] as const;

export const keyEventSchema = z.object({
  key_id: z.uuid(),
  key_prefix: z.string().max(32).describe('Prefix of the current secret; never the secret.'),
  name: z.string().max(200),
  environment: z.enum(['live', 'test']),
  user_id: z.uuid().describe("The key's owner."),
  version: z
    .string()
    .regex(/^\d+$/)
    .describe("The key's version after the change, as a decimal string: it exceeds 2^53 in time."),
  is_active: z.boolean(),
  expires_at: z.iso.datetime({ precision: null }).nullable(),
  notice: z.enum(EXPIRY_NOTICES).exactOptional().describe('Of `expiring` only: how far ahead.'),
  quota: z
    .object({
      policy: z.enum(QUOTA_POLICIES),
      limit: z.number().int().min(1),
      used: z.number().int().min(1),
      window_seconds: z.number().int().min(1),
    })
    .exactOptional()
    .describe('Of `quota.near` only: how much of which limit was used up by then.'),
});
export type KeyEvent = z.infer<typeof keyEventSchema>;

export const keyEventEventSchema = cloudEventOf(keyEventSchema);
