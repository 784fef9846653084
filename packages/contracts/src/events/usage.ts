/** Events of the stream USAGE. */
import { z } from 'zod';
import { cloudEventOf } from './cloud-event.ts';

const sequence = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

/** Requests, and refusals, in one batch. */
const MAX_BATCH_ENTRIES = 10_000;

/** One finished, authenticated request. Short names: it is sent hundreds of times a second. */
export const usageRequestSchema = z.object({
  /** Number within the incarnation, from 1, without gaps. */
  sequence,
  key_id: z.uuid(),
  /** Prefix of the secret that was used, current or retired. */
  secret_prefix: z.string().max(32),
  user_id: z.uuid(),
  upstream: z.string().max(64),
  /** Route template such as `/api/2.0/mlflow/runs/get`, so that ids don't explode its number. */
  endpoint: z.string().max(256),
  method: z.string().max(16),
  /** Start of the request, ISO 8601. */
  timestamp: z.iso.datetime({ precision: null }),
  /** To the last byte of the answer. */
  response_time_ms: z.number().min(0),
  /** To the first byte of the answer; null if none was sent. */
  first_byte_ms: z.number().min(0).nullable(),
  /** Status sent to the client; 499 if the client left before an answer. */
  status_code: z.number().int().min(100).max(599),
  /** Why the gateway itself refused, e.g. `key_revoked`; null if it did not. */
  refusal: z.string().max(64).nullable(),
  bytes_in: count,
  bytes_out: count,
  client_ip: z.string().max(64),
  /** `mlflow-python-client`, `curl`, `browser`, …: never the whole header. */
  user_agent_family: z.string().max(64),
  request_id: z.string().max(128),
  trace_id: z.string().max(32).nullable(),
});
export type UsageRequest = z.infer<typeof usageRequestSchema>;

/**
 * Refusals of requests that named no known key: counted, not listed. A count is that of the incarnation's
 * whole minute so far, so a reader who keeps the highest needs no order and minds no repetition.
 */
export const anonymousRefusalSchema = z.object({
  /** Start of the minute. */
  minute: z.iso.datetime({ precision: null }),
  reason: z.string().max(64),
  /** Empty for all further addresses of a minute that had very many. */
  client_ip: z.string().max(64),
  count: z.number().int().min(1),
});
export type AnonymousRefusal = z.infer<typeof anonymousRefusalSchema>;

/**
 * Requests that a gateway served although it would have refused them: it only observes. Counted likewise, by whoever
 * sent them.
 */
export const observedRefusalSchema = anonymousRefusalSchema.extend({
  /** `mlflow-python-client`, `curl`, `browser`, …: never the whole header. */
  user_agent_family: z.string().max(64),
  /** Public prefix of the key that was proved; empty without one. */
  key_prefix: z.string().max(32),
});
export type ObservedRefusal = z.infer<typeof observedRefusalSchema>;

/**
 * An immutable batch: the requests numbered `from` … `to` of one incarnation, all of them and in order.
 * A batch may carry refusals only; then `from` is 1 more than `to` and no number is used up.
 */
export const usageBatchSchema = batchSchemaOf(
  usageRequestSchema,
  anonymousRefusalSchema,
  observedRefusalSchema,
)
  .refine((batch) => batch.to - batch.from + 1 === batch.requests.length, {
    message: 'from … to must number the requests exactly',
  })
  .refine((batch) => batch.requests.every((request, index) => request.sequence === batch.from + index), {
    message: 'requests must be numbered consecutively from `from`',
  });
export type UsageBatch = z.infer<typeof usageBatchSchema>;

/** A batch of such requests and refusals, whose numbering is not looked at. */
export function batchSchemaOf<
  Request extends z.ZodType,
  Refusal extends z.ZodType,
  Observed extends z.ZodType,
>(request: Request, refusal: Refusal, observed: Observed) {
  return z.object({
    incarnation: z.uuid(),
    gateway: z.string().max(128),
    from: sequence,
    to: count,
    requests: z.array(request).max(MAX_BATCH_ENTRIES),
    refusals: z.array(refusal).max(MAX_BATCH_ENTRIES),
    /** Left out where there are none. */
    observed: z.array(observed).max(MAX_BATCH_ENTRIES).optional(),
  });
}

/**
 * What a gateway process says of its numbering, at its start, each second, and at its end; and `left`, which a later
 * process says of one that it found gone. That is no sign of life, and `at` is when the gone one began.
 */
export const gatewayAnnouncementSchema = z.object({
  incarnation: z.uuid(),
  gateway: z.string().max(128),
  kind: z.enum(['opened', 'progress', 'closed', 'left']),
  /** Highest number given out. */
  assigned: count,
  /** Up to this number every request is settled: acknowledged by the broker, or dropped. */
  flushed: count,
  /** Requests given up, at the bound of what waits for the broker or at the end. */
  dropped: count,
  at: z.iso.datetime({ precision: null }),
});
export type GatewayAnnouncement = z.infer<typeof gatewayAnnouncementSchema>;

export const usageBatchEventSchema = cloudEventOf(usageBatchSchema);
export const gatewayAnnouncementEventSchema = cloudEventOf(gatewayAnnouncementSchema);
