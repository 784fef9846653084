/** Reads how all gateways stand, for receipts. */
import type { Pool } from '@hokusai/service-kit';
import type { KnownGateway, Roster } from '../domain/receipt.ts';
import { NOTE_EPOCH } from '../storage/read-point.ts';

// A Date has whole milliseconds: rather late, since what lies before it is fenced by it.
const READ_ROSTER = `
  with noted as (${NOTE_EPOCH}), here as (
    select clock_timestamp() + interval '1 millisecond' as read_at,
      nullif(coalesce((select since from noted), (select since from database_epoch)), '-infinity') as epoch_since
  )
  select here.*, incarnation, gateway, trust_ms, last_ping_at, epoch, applied_cut::text, left_at
  from here left join gateways on true
  order by gateway, incarnation`;

interface RosterRow {
  read_at: Date;
  epoch_since: Date | null;
  /** Null in the one row that stands for no gateway. */
  incarnation: string | null;
  gateway: string;
  trust_ms: number;
  last_ping_at: Date;
  epoch: string;
  applied_cut: string;
  left_at: Date | null;
}

/** One statement, hence one snapshot. */
export async function readRoster(pool: Pool): Promise<Roster> {
  const { rows } = await pool.query<RosterRow>(READ_ROSTER);
  const [first] = rows;
  if (!first) throw new Error('the look at the gateways answered no row');
  return {
    readAt: first.read_at,
    epochSince: first.epoch_since,
    gateways: rows.flatMap((row) => (row.incarnation === null ? [] : [toGateway(row.incarnation, row)])),
  };
}

function toGateway(incarnation: string, row: RosterRow): KnownGateway {
  return {
    incarnation,
    gateway: row.gateway,
    trustMs: row.trust_ms,
    lastPingAt: row.last_ping_at,
    epoch: row.epoch,
    appliedCut: BigInt(row.applied_cut),
    leftAt: row.left_at,
  };
}
