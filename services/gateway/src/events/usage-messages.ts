/** What the usage recorder sends: immutable batches of requests and announcements of its numbering. */
import {
  type AnonymousRefusal,
  cloudEvent,
  type GatewayAnnouncement,
  type ObservedRefusal,
  SUBJECTS,
  type UsageBatch,
  type UsageRequest,
} from '@hokusai/contracts';
import type { OutgoingMessage } from './message-buffer.ts';
import type { SpoolMessage } from './spool/records.ts';

/** A gateway process, for as long as it lives. */
export interface Incarnation {
  /** uuid, a new one for each process. */
  incarnation: string;
  /** Name shown to people. */
  gateway: string;
}

interface BatchContent {
  /** Number of the batch within the incarnation: it identifies batches without requests too. */
  batch: number;
  from: number;
  requests: UsageRequest[];
  refusals: AnonymousRefusal[];
  observed: ObservedRefusal[];
  time: Date;
  /** Of some traced requests in it. */
  traceparents: readonly string[];
}

export function batchMessage(self: Incarnation, content: BatchContent): SpoolMessage {
  const { from, requests, refusals, observed, traceparents } = content;
  const to = from + requests.length - 1;
  // Left out where there are none: only gateways that observe have any.
  const more = observed.length > 0 ? { observed } : {};
  const data: UsageBatch = { ...self, from, to, requests, refusals, ...more };
  const id = `${self.incarnation}:${content.batch}`;
  const payload = encode(self, SUBJECTS.usageRequests, id, content.time, data);
  const weight = Math.max(requests.length, 1);
  return { subject: SUBJECTS.usageRequests, id, payload, weight, from, to, traceparents };
}

export type AnnouncementContent = Omit<GatewayAnnouncement, 'incarnation' | 'gateway' | 'at'> & {
  /** Number of the announcement within the incarnation, or what else tells it from the others. */
  announcement: number | string;
  at: Date;
};

export function announcementMessage(self: Incarnation, content: AnnouncementContent): OutgoingMessage {
  const { announcement, at, ...rest } = content;
  const data: GatewayAnnouncement = { ...self, ...rest, at: at.toISOString() };
  const id = `${self.incarnation}:announcement:${announcement}`;
  const payload = encode(self, SUBJECTS.usageGateways, id, at, data);
  return { subject: SUBJECTS.usageGateways, id, payload, weight: 1 };
}

function encode(self: Incarnation, subject: string, id: string, time: Date, data: unknown): Uint8Array {
  const source = `/hokusai/gateway/${self.incarnation}`;
  return Buffer.from(JSON.stringify(cloudEvent({ id, source, subject, time, data })));
}

/**
 * A request within the bounds of its schema, whatever it came from: one value too long must not make the
 * whole batch unreadable.
 */
export function boundedRequest(usage: Omit<UsageRequest, 'sequence'>, sequence: number): UsageRequest {
  return {
    sequence,
    key_id: usage.key_id,
    secret_prefix: usage.secret_prefix.slice(0, 32),
    user_id: usage.user_id,
    upstream: usage.upstream.slice(0, 64),
    endpoint: usage.endpoint.slice(0, 256),
    method: usage.method.slice(0, 16),
    timestamp: usage.timestamp,
    response_time_ms: atLeastZero(usage.response_time_ms),
    first_byte_ms: usage.first_byte_ms === null ? null : atLeastZero(usage.first_byte_ms),
    status_code: usage.status_code,
    refusal: usage.refusal === null ? null : usage.refusal.slice(0, 64),
    bytes_in: Math.trunc(atLeastZero(usage.bytes_in)),
    bytes_out: Math.trunc(atLeastZero(usage.bytes_out)),
    client_ip: usage.client_ip.slice(0, 64),
    user_agent_family: usage.user_agent_family.slice(0, 64),
    request_id: usage.request_id.slice(0, 128),
    trace_id: usage.trace_id === null ? null : usage.trace_id.slice(0, 32),
  };
}

function atLeastZero(value: number): number {
  return value > 0 && Number.isFinite(value) ? value : 0;
}
