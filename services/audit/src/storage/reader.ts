/** Queries of the log. */

import type { Reader } from '@hokusai/contracts';
import type { Pool } from '@hokusai/service-kit';
import type { EventFilter } from '../domain/access.ts';
import type { AuditReader, EventPage } from '../domain/ports.ts';
import { type EventRecord, ROW_COLUMNS, rowOf } from './rows.ts';

export function createAuditReader(pool: Pool): AuditReader {
  return {
    stored: async (eventIds) => {
      const { rows } = await pool.query<{ event_id: string; chain_seq: string; hash: Buffer }>(
        'select event_id, chain_seq, hash from audit_events where event_id = any($1)',
        [eventIds],
      );
      return rows.map(({ event_id, chain_seq, hash }) => ({ eventId: event_id, chainSeq: chain_seq, hash }));
    },
    list: (reader, filter, page) => list(pool, reader, filter, page),
    find: async (reader, eventId) => {
      const { rows } = await pool.query<EventRecord>(
        `select ${ROW_COLUMNS} from audit_events as e where event_id = $2 and ${VISIBLE}`,
        [visibleTo(reader), eventId],
      );
      return rows[0] && rowOf(rows[0]);
    },
  };
}

/** A member sees what they did, and what was done to them. null as $1: an admin, who sees all. */
const VISIBLE = `($1::uuid is null or actor_user_id = $1 or (target_type = 'user' and target_id = $1::text))`;

function visibleTo(reader: Reader): string | null {
  return reader.isAdmin ? null : reader.userId;
}

async function list(
  pool: Pool,
  reader: Reader,
  filter: EventFilter,
  { before, size }: { before: number | null; size: number },
): Promise<EventPage> {
  const { rows } = await pool.query<EventRecord>(
    `select ${ROW_COLUMNS} from audit_events as e
     where ${VISIBLE}
       and ($2::bigint is null or chain_seq < $2)
       and ($3::uuid is null or actor_user_id = $3)
       and ($4::uuid is null or actor_key_id = $4 or (target_type = 'key' and target_id = $4::text))
       and ($5::text is null or target_id = $5)
       and ($6::text is null or action = $6)
       and ($7::text is null or outcome = $7)
       and ($8::text is null or request_id = $8)
       and ($9::text is null or chain_seq in (
         select p.chain_seq from personal_values as p where p.name = 'client_ip' and p.value = $9))
       and occurred_at >= coalesce($10::timestamptz, '-infinity') and occurred_at < coalesce($11::timestamptz, 'infinity')
     order by chain_seq desc limit $12`,
    [
      visibleTo(reader),
      before,
      filter.actorUserId,
      filter.keyId,
      filter.targetId,
      filter.action,
      filter.outcome,
      filter.requestId,
      filter.clientIp,
      filter.from,
      filter.to,
      size + 1,
    ],
  );
  return { rows: rows.slice(0, size).map(rowOf), hasMore: rows.length > size };
}
