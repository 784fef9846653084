/** Events of the stream AUDIT: who did what to which key, from where, with what outcome. Never a secret. */
import { z } from 'zod';
import { cloudEventOf } from './cloud-event.ts';

const jsonValue: z.ZodType<JsonValue> = z.json();
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };

export const auditEventSchema = z.object({
  /** `key.created`, `key.revoked`, `user.created`, `auth.refused`, …. */
  action: z
    .string()
    .regex(/^[a-z_]+(\.[a-z_]+)+$/)
    .max(64),
  outcome: z.enum(['success', 'refused', 'failed']),
  occurred_at: z.iso.datetime({ precision: null }),
  actor: z.object({
    /** null for an anonymous caller or the system itself. */
    user_id: z.uuid().nullable(),
    key_id: z.uuid().nullable(),
    key_prefix: z.string().max(32).nullable(),
    /** Which door: `gateway`, `grpc` (a service that is no gateway), `sweeper`, `bootstrap`, …. */
    via: z.string().max(32),
    /** Of `grpc`: the calling service, by the name of its credential. */
    service: z.string().max(64).exactOptional(),
    /** Name of the machine, of what was done on the keys host. */
    host: z.string().max(256).exactOptional(),
  }),
  target: z
    .object({
      type: z.enum(['key', 'user', 'route', 'gateway', 'audit']),
      id: z.string().max(256),
      /** Of a key: whose it is, who may see what was done to it. */
      owner_user_id: z.uuid().exactOptional(),
    })
    .nullable(),
  /** Changed fields only; null where nothing changed. */
  before: z.record(z.string(), jsonValue).nullable(),
  after: z.record(z.string(), jsonValue).nullable(),
  /** Why it was done (a person's words) or refused (a stable code such as `key_revoked`). */
  reason: z.string().max(500).nullable(),
  /** How many of the same kind this one stands for (folded refusals); else 1. */
  count: z.number().int().min(1),
  request_id: z.string().max(128).nullable(),
  trace_id: z.string().max(32).nullable(),
  /** Values of persons. The log stores them erasably and chains only their salted digests. */
  personal: z.object({
    client_ip: z.string().max(64).optional(),
    user_agent: z.string().max(256).optional(),
    email: z.string().max(320).optional(),
    /** User of the operating system, of what was done on the keys host. */
    os_user: z.string().max(256).optional(),
  }),
});
export type AuditEvent = z.infer<typeof auditEventSchema>;

export const auditEventEventSchema = cloudEventOf(auditEventSchema);
