/** Requests of a thousand keys, as text, so that making them takes little of the machine that is measured. */
import { randomUUID } from 'node:crypto';
import type { UsageRequest } from '@hokusai/contracts';

const KEYS = 1000;
const ENDPOINTS = ['runs/get', 'runs/log-metric', 'runs/log-batch', 'runs/search', 'experiments/get-by-name'];

/** Makes the JSON of a request, given its number and its time; each time of another key. */
export function requestTexts(): (sequence: number, at: string) => string {
  const rests = Array.from({ length: KEYS }, (_, index) => JSON.stringify(requestOf(index)).slice(1));
  return (sequence, at) =>
    `{"sequence":${sequence},"timestamp":"${at}",${rests[(sequence * 7) % KEYS] as string}`;
}

function requestOf(index: number): Omit<UsageRequest, 'sequence' | 'timestamp'> {
  // Most answers are quick, some take seconds.
  const response_time_ms = Number((5 / (1 - Math.random() * 0.999)).toFixed(3));
  const isRefused = index % 50 === 0;
  return {
    key_id: randomUUID(),
    secret_prefix: `hk_live_${String(index).padStart(12, '0')}`,
    user_id: randomUUID(),
    upstream: 'mlflow',
    endpoint: `/api/2.0/mlflow/${ENDPOINTS[index % ENDPOINTS.length]}`,
    method: index % ENDPOINTS.length === 0 ? 'GET' : 'POST',
    response_time_ms,
    first_byte_ms: Number((response_time_ms * 0.9).toFixed(3)),
    status_code: isRefused ? 429 : 200,
    refusal: isRefused ? 'rate_limited' : null,
    bytes_in: 200 + index,
    bytes_out: 1200 + index,
    client_ip: `192.0.2.${index % 250}`,
    user_agent_family: 'mlflow-python-client',
    request_id: randomUUID(),
    trace_id: randomUUID().replaceAll('-', ''),
  };
}
