/** Rows of requests and refusals, with values that Postgres can hold. */
import type { AnonymousRefusal, UsageBatch } from '@hokusai/contracts';
import type { NumberedRequest } from '../domain/messages.ts';
import { usageId } from '../domain/usage-id.ts';

export function usageRows(requests: readonly NumberedRequest[]) {
  return requests.map(({ key_id, ...request }) => {
    const startMs = Date.parse(request.timestamp);
    return {
      ...request,
      id: usageId(startMs, request.incarnation, request.sequence),
      timestamp: new Date(startMs).toISOString(),
      api_key_id: key_id.toLowerCase(),
      upstream: storable(request.upstream),
      secret_prefix: storable(request.secret_prefix),
      endpoint: storable(request.endpoint),
      method: storable(request.method),
      refusal: request.refusal === null ? null : storable(request.refusal),
      client_ip: storable(request.client_ip),
      user_agent_family: storable(request.user_agent_family),
      request_id: storable(request.request_id),
      trace_id: request.trace_id === null ? null : storable(request.trace_id),
    };
  });
}

interface RefusalRow extends AnonymousRefusal {
  incarnation: string;
}

/** The highest count of each minute, reason and address, in one order for all replicas. */
export function refusalRows(batches: readonly UsageBatch[]): RefusalRow[] {
  const rows = new Map<string, RefusalRow>();
  for (const { incarnation, refusals } of batches)
    for (const refusal of refusals) {
      const row = rowOf(incarnation, refusal);
      const key = JSON.stringify([row.minute, row.reason, row.client_ip, row.incarnation]);
      if ((rows.get(key)?.count ?? 0) < row.count) rows.set(key, row);
    }
  return [...rows.keys()].toSorted().map((key) => rows.get(key) as RefusalRow);
}

function rowOf(incarnation: string, refusal: AnonymousRefusal): RefusalRow {
  return {
    incarnation: incarnation.toLowerCase(),
    minute: new Date(refusal.minute).toISOString(),
    reason: storable(refusal.reason),
    client_ip: storable(refusal.client_ip),
    count: refusal.count,
  };
}

/** Postgres refuses NUL and broken surrogates in texts: one of them must not cost a whole batch. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\uFFFD');
}
