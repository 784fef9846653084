/** Batches and announcements as gateways publish them. */
import { randomUUID } from 'node:crypto';
import {
  type AnonymousRefusal,
  cloudEvent,
  type GatewayAnnouncement,
  type KeyEvent,
  keyEventSubject,
  SUBJECTS,
  type UsageBatch,
  type UsageRequest,
} from '@hokusai/contracts';
import type { Bus } from '@hokusai/service-kit';

export const USER = '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11';
export const KEY = '0b9f4a54-3a3f-4a1c-8d38-3f2f6d1f7f10';

export function requestOf(sequence: number, changes: Partial<UsageRequest> = {}): UsageRequest {
  return {
    sequence,
    key_id: KEY,
    secret_prefix: 'hk_live_0123456789AB',
    user_id: USER,
    upstream: 'mlflow',
    endpoint: '/api/2.0/mlflow/runs/get',
    method: 'GET',
    timestamp: new Date().toISOString(),
    response_time_ms: 12.5,
    first_byte_ms: 11,
    status_code: 200,
    refusal: null,
    bytes_in: 10,
    bytes_out: 1200,
    client_ip: '192.0.2.1',
    user_agent_family: 'curl',
    request_id: `r-${sequence}`,
    trace_id: null,
    ...changes,
  };
}

/** The requests `from` … `to` of an incarnation. */
export function batchOf(
  incarnation: string,
  from: number,
  to: number,
  changes: Partial<UsageRequest> = {},
  refusals: AnonymousRefusal[] = [],
): UsageBatch {
  const requests = Array.from({ length: to - from + 1 }, (_, index) => requestOf(from + index, changes));
  return { incarnation, gateway: 'gw-1', from, to, requests, refusals };
}

export function announcementOf(
  incarnation: string,
  kind: GatewayAnnouncement['kind'],
  counts: Partial<Pick<GatewayAnnouncement, 'assigned' | 'flushed' | 'dropped'>> = {},
): GatewayAnnouncement {
  const at = new Date().toISOString();
  return { incarnation, gateway: 'gw-1', kind, assigned: 0, flushed: 0, dropped: 0, at, ...counts };
}

export function keyEventOf(version: number, changes: Partial<KeyEvent> = {}): KeyEvent {
  return {
    key_id: KEY,
    key_prefix: 'hk_live_0123456789AB',
    name: `name ${version}`,
    environment: 'live',
    user_id: USER,
    version: String(version),
    is_active: true,
    expires_at: null,
    ...changes,
  };
}

type Publisher = Pick<Bus, 'publish'>;

export async function publishBatch(
  bus: Publisher,
  batch: UsageBatch,
  id: string = randomUUID(),
): Promise<void> {
  await publishData(bus, SUBJECTS.usageRequests, batch, id);
}

export async function publishAnnouncement(bus: Publisher, announcement: GatewayAnnouncement): Promise<void> {
  await publishData(bus, SUBJECTS.usageGateways, announcement, randomUUID());
}

export async function publishKeyEvent(bus: Publisher, event: KeyEvent): Promise<void> {
  await publishData(bus, keyEventSubject('updated'), event, randomUUID());
}

async function publishData(bus: Publisher, subject: string, data: unknown, id: string): Promise<void> {
  const event = cloudEvent({ id, source: '/hokusai/test', subject, time: new Date(), data });
  await bus.publish(subject, Buffer.from(JSON.stringify(event)), id);
}
