/** A finished request, as usage tells of it. */
import type { UsageRequest } from '@hokusai/contracts';

export const SOME_REQUEST: Omit<UsageRequest, 'sequence'> = {
  key_id: '0b9f4a54-3a3f-4a1c-8d38-3f2f6d1f7f10',
  secret_prefix: 'hk_live_0123456789AB',
  user_id: '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11',
  upstream: 'mlflow',
  endpoint: '/api/2.0/mlflow/runs/get',
  method: 'GET',
  timestamp: '2025-01-15T12:00:00.000Z',
  response_time_ms: 12.5,
  first_byte_ms: 11,
  status_code: 200,
  refusal: null,
  bytes_in: 0,
  bytes_out: 1200,
  client_ip: '192.0.2.1',
  user_agent_family: 'curl',
  request_id: 'r-1',
  trace_id: null,
};
