/** Answers about the audit log, as far as they are shown to people. */
import { z } from 'zod';

const text = z.string().nullable();
const fields = z.record(z.string(), z.unknown()).nullable();

export const auditEventSchema = z.looseObject({
  id: z.string(),
  chain_seq: z.number(),
  hash: z.string(),
  previous_hash: z.string(),
  occurred_at: z.string(),
  stored_at: z.string(),
  source: z.string(),
  action: z.string(),
  outcome: z.string(),
  actor: z.looseObject({
    ...{ user_id: text, key_id: text, key_prefix: text },
    ...{ via: z.string(), service: text, host: text },
  }),
  target: z.looseObject({ type: z.string(), id: z.string(), owner_user_id: text }).nullable(),
  before: fields,
  after: fields,
  reason: text,
  count: z.number(),
  request_id: text,
  trace_id: text,
  personal: z.record(z.string(), z.string()),
  altered_columns: z.array(z.string()).optional(),
});
export type AuditEvent = z.infer<typeof auditEventSchema>;

export const auditPageSchema = z.looseObject({
  data: z.array(auditEventSchema),
  next_cursor: z.string().nullable(),
});

export const witnessPageSchema = z.looseObject({
  data: z.array(z.looseObject({ chain_seq: z.number(), hash: z.string().regex(/^[0-9a-f]{64}$/) })),
  next_cursor: z.string().nullable(),
});

export const verificationSchema = z.looseObject({
  intact: z.boolean(),
  rows_verified: z.number(),
  first_bad_chain_seq: z.number().nullable(),
  problem: text,
  proof: text,
  checkpoints_verified: z.number(),
  last_checkpoint_chain_seq: z.number().nullable(),
  last_trusted_checkpoint_chain_seq: z.number().nullable(),
  rows_bound: z.number(),
  erased_values: z.number(),
  unproven: z.array(z.looseObject({ code: z.string(), message: z.string() })),
  witnesses_known: z.number(),
  witnesses_verified: z.number(),
});
export type Verification = z.infer<typeof verificationSchema>;
