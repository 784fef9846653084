/** Events of the stream AUDIT: who did what to which key, from where, with what outcome. Never a secret. */
import { z } from 'zod';
import { cloudEventOf } from './cloud-event.ts';

const jsonValue: z.ZodType<JsonValue> = z.json();
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

/** Bounds of what people write are twice what they may write: `max` counts a character beyond U+FFFF as two. */
export const auditEventSchema = z.object({
  action: z
    .string()
    .regex(/^[a-z_]+(\.[a-z_]+)+$/)
    .max(64)
    .describe('`key.created`, `key.revoked`, `user.created`, `auth.refused`, ….'),
  outcome: z.enum(['success', 'refused', 'failed']),
  occurred_at: z.iso.datetime({ precision: null }).describe('When it was done, or refused.'),
  actor: z.object({
    user_id: z.uuid().nullable().describe('null for an anonymous caller or the system itself.'),
    key_id: z.uuid().nullable(),
    key_prefix: z.string().max(32).nullable(),
    via: z
      .string()
      .max(32)
      .describe('Which door: `gateway`, `grpc` (a service that is no gateway), `sweeper`, `bootstrap`, ….'),
    service: z
      .string()
      .max(64)
      .exactOptional()
      .describe('Of `grpc`: the calling service, by the name of its credential.'),
    host: z
      .string()
      .max(256)
      .exactOptional()
      .describe('Name of the machine, of what was done on the keys host.'),
  }),
  target: z
    .object({
      type: z.enum(['key', 'user', 'route', 'gateway', 'audit']),
      id: z.string().max(256),
      owner_user_id: z
        .uuid()
        .exactOptional()
        .describe('Of a key: whose it is, who may see what was done to it.'),
    })
    .nullable(),
  before: z
    .record(z.string(), jsonValue)
    .nullable()
    .describe('Changed fields only, here and in `after`; null where nothing changed.'),
  after: z.record(z.string(), jsonValue).nullable(),
  reason: z
    .string()
    .max(1000)
    .nullable()
    .describe("Why it was done (a person's words) or refused (a stable code such as `key_revoked`)."),
  count: z.number().int().min(1).describe('How many of the same kind this one stands for (folded); else 1.'),
  request_id: z.string().max(128).nullable(),
  trace_id: z.string().max(32).nullable(),
  personal: z
    .object({
      client_ip: z.string().max(64).optional(),
      user_agent: z.string().max(256).optional(),
      email: z.string().max(640).optional().describe('Of the user in `target`, as it is since.'),
      email_before: z.string().max(640).optional().describe('As it was before the change.'),
      display_name: z.string().max(400).optional().describe('Of the user in `target`, as it is since.'),
      display_name_before: z.string().max(400).optional().describe('As it was before the change.'),
      os_user: z
        .string()
        .max(256)
        .optional()
        .describe('User of the operating system, of what was done on the keys host.'),
    })
    .describe('Values of persons. The log stores them erasably and chains only their salted digests.'),
});
export type AuditEvent = z.infer<typeof auditEventSchema>;

export const auditEventEventSchema = cloudEventOf(auditEventSchema);
