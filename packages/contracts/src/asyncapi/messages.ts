/** Every kind of message between services, as a JSON Schema and by example: what a release promises of its events. */
import { auditEventEventSchema } from '../events/audit.ts';
import { cloudEvent } from '../events/cloud-event.ts';
import { keyEventEventSchema } from '../events/keys.ts';
import { SUBJECTS } from '../events/subjects.ts';
import {
  type GatewayAnnouncement,
  gatewayAnnouncementEventSchema,
  type UsageBatch,
  usageBatchEventSchema,
} from '../events/usage.ts';
import { EVENT_EXAMPLES } from './examples.ts';
import { jsonSchemaOf } from './schemas.ts';

/** By what their subjects begin with. */
export const MESSAGE_SCHEMAS = {
  'hokusai.audit.v1.': auditEventEventSchema,
  'hokusai.keys.v1.events.': keyEventEventSchema,
  [SUBJECTS.usageRequests]: usageBatchEventSchema,
  [SUBJECTS.usageGateways]: gatewayAnnouncementEventSchema,
} as const;

export interface Message {
  subject: string;
  event: unknown;
}

/** Of a kind of message: its schema, without what a schema can't say, such as how numbers fit together. */
export function messageSchemas(): Record<string, object> {
  const entries = Object.entries(MESSAGE_SCHEMAS);
  return Object.fromEntries(entries.map(([subjects, schema]) => [subjects, jsonSchemaOf(schema)]));
}

const AT = '2026-01-15T12:00:00.000Z';
const INCARNATION = 'c3a1b9d2-5e4f-4f0a-8b7c-1d2e3f405162';

const refused = { minute: AT, reason: 'unknown_key', client_ip: '203.0.113.9', count: 17 };

const batch: UsageBatch = {
  incarnation: INCARNATION,
  gateway: 'gateway-1',
  from: 1,
  to: 1,
  requests: [
    {
      sequence: 1,
      key_id: '0b9f4a54-3a3f-4a1c-8d38-3f2f6d1f7f10',
      secret_prefix: 'hk_live_4fQ0ZyB2kL9x',
      user_id: '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11',
      upstream: 'mlflow',
      endpoint: '/api/2.0/mlflow/runs/log-metric',
      method: 'POST',
      timestamp: AT,
      response_time_ms: 12.5,
      first_byte_ms: 11.9,
      status_code: 200,
      refusal: null,
      bytes_in: 181,
      bytes_out: 2,
      client_ip: '198.51.100.7',
      user_agent_family: 'mlflow-python-client',
      request_id: '7d2f3c1a-1f0e-4a57-9a3b-5f8f4f0f2b10',
      trace_id: null,
    },
  ],
  refusals: [refused],
  observed: [{ ...refused, user_agent_family: 'curl', key_prefix: '' }],
};

const announcement: GatewayAnnouncement = {
  incarnation: INCARNATION,
  gateway: 'gateway-1',
  kind: 'progress',
  assigned: 1,
  flushed: 1,
  dropped: 0,
  at: AT,
};

/** One of each kind at least. */
export function messageExamples(): Message[] {
  const usage = [
    [SUBJECTS.usageRequests, batch],
    [SUBJECTS.usageGateways, announcement],
  ] as const;
  return [
    ...EVENT_EXAMPLES.map(({ subject, event }) => ({ subject, event })),
    ...usage.map(([subject, data], index) => ({
      subject,
      event: cloudEvent({
        id: `5b0e0f54-6a2b-4b54-9a54-${String(index + 1).padStart(12, '0')}`,
        source: '/hokusai/gateway/gateway-1',
        subject,
        time: new Date(AT),
        data,
      }),
    })),
  ];
}
