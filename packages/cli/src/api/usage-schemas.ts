/** Answers about usage, as far as they are shown to people. */
import { z } from 'zod';

const time = z.string().nullable();

const totals = {
  requests: z.number(),
  errors: z.number(),
  statuses: z.record(z.string(), z.number()),
  refused: z.record(z.string(), z.number()),
  latency_ms: z.looseObject({ p50: z.number(), p90: z.number(), p99: z.number() }).nullable(),
  bytes_in: z.number(),
  bytes_out: z.number(),
};

export const totalsSchema = z.looseObject(totals);
export type Totals = z.infer<typeof totalsSchema>;

const period = { from: z.string(), to: z.string() };

export const summarySchema = z.looseObject({ ...period, ...totals });
export type Summary = z.infer<typeof summarySchema>;

const bucket = z.looseObject({ start: z.string(), ...totals });
export type Bucket = z.infer<typeof bucket>;

export const seriesSchema = z.looseObject({
  ...period,
  granularity: z.string(),
  time_zone: z.string(),
  data: z.array(bucket),
});
export type Series = z.infer<typeof seriesSchema>;

const topEntry = z.looseObject({ value: z.string(), label: z.string().nullable(), ...totals });
export type TopEntry = z.infer<typeof topEntry>;
export const topSchema = z.looseObject({ ...period, data: z.array(topEntry) });

const endpointUsage = z.looseObject({ method: z.string(), endpoint: z.string(), ...totals });
export type EndpointUsage = z.infer<typeof endpointUsage>;
export const endpointsSchema = z.looseObject({ ...period, data: z.array(endpointUsage) });

export const unusedKeySchema = z.looseObject({
  key_id: z.string(),
  key_prefix: z.string(),
  name: z.string(),
  user_id: z.string().nullable(),
  last_used_at: time,
});
export type UnusedKey = z.infer<typeof unusedKeySchema>;

const incarnation = z.looseObject({
  incarnation: z.string(),
  gateway: z.string(),
  status: z.string(),
  assigned: z.number(),
  received: z.number(),
  stored: z.number(),
  rolled_up: z.number(),
  clock_corrected: z.number(),
  gaps: z.array(z.looseObject({ from: z.number(), to: z.number() })),
  gaps_left_out: z.number(),
  last_known_assigned: z.number(),
  opened_at: time,
  last_heard_at: time,
  closed_at: time,
});
export type Incarnation = z.infer<typeof incarnation>;
export const integritySchema = z.looseObject({
  ...period,
  complete: z.boolean(),
  broker_reachable: z.boolean(),
  statuses: z.looseObject({
    open: z.number(),
    balanced: z.number(),
    gap: z.number(),
    unclean_end: z.number(),
  }),
  incarnations: z.array(incarnation),
  next_cursor: z.string().nullable(),
});
export type Integrity = z.infer<typeof integritySchema>;

const observedClient = z.looseObject({
  reason: z.string(),
  client_ip: z.string().nullable(),
  user_agent_family: z.string(),
  key_prefix: z.string().nullable(),
  key_name: z.string().nullable(),
  requests: z.number(),
  first_minute: z.string(),
  last_minute: z.string(),
});
export type ObservedClient = z.infer<typeof observedClient>;
export const observedSchema = z.looseObject({ ...period, data: z.array(observedClient) });
