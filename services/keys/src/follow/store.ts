/** The change feed's SQL. */
import type { Pool } from '@hokusai/service-kit';
import { GATEWAYS_CHANNEL } from '../domain/channels.ts';
import { clearAnswers } from '../storage/answer-store.ts';
import { notify } from '../storage/change-log.ts';
import { NOTE_EPOCH, READ_POINT_COLUMNS, type ReadPointRow, toReadPoint } from '../storage/read-point.ts';
import type { FollowerRecord, FollowStore } from './change-feed.ts';
import type { Look } from './follower.ts';
import type { LogStore } from './log-keeper.ts';

/**
 * A gateway's time of the last ping moves only with its number, so that it tells how long a silent one may
 * have trusted. An overtaken stream of the same gateway, at another replica, changes nothing.
 */
const RECORD = `
  insert into gateways as known
    (incarnation, gateway, epoch, trust_ms, last_ping_number, applied, applied_cut, left_at)
  select incarnation, gateway, epoch, trust_ms, ping, applied, applied_cut::xid8,
         case when has_left then clock_timestamp() end
  from unnest($1::uuid[], $2::text[], $3::text[], $4::integer[], $5::bigint[], $6::bigint[], $7::text[],
              $8::boolean[])
    as said (incarnation, gateway, epoch, trust_ms, ping, applied, applied_cut, has_left)
  on conflict (incarnation) do update set
    gateway = excluded.gateway,
    epoch = excluded.epoch,
    trust_ms = excluded.trust_ms,
    last_ping_at = case when excluded.last_ping_number > known.last_ping_number
      then clock_timestamp() else known.last_ping_at end,
    last_ping_number = greatest(excluded.last_ping_number, known.last_ping_number),
    applied = excluded.applied,
    applied_cut = excluded.applied_cut,
    left_at = excluded.left_at
  where excluded.last_ping_number >= known.last_ping_number or excluded.left_at is not null`;

/** One statement, hence one snapshot: the rows, the cut and how far the log reaches belong together. */
const LOOK = `
  with here as (
    select ${READ_POINT_COLUMNS}, (select below::text from key_changes_trimmed) as trimmed_below
  )
  select here.*, change.xid::text, change.key_id, change.version::text
  from here left join key_changes as change on change.xid >= least($1::xid8, here.cut::xid8)
  order by change.xid`;

/** The mark and the rows in one statement: a look sees both or neither. Replicas take turns at the mark. */
const TRIM = `
  with mark as (update key_changes_trimmed set below = $1::xid8 where below < $1::xid8 returning below)
  delete from key_changes where xid < (select below from mark)`;

const FORGET_GATEWAYS = `
  delete from gateways where last_ping_at < now() - greatest($1, trust_ms) * interval '1 millisecond'`;

/** Far more than are given in a minute, and removed well within the time of a round. */
const ANSWERS_AT_A_TIME = 5000;

interface LookRow extends ReadPointRow {
  trimmed_below: string;
  /** Null in the one row that stands for no change. */
  xid: string | null;
  key_id: string;
  version: string;
}

/** For rounds, give it a pool whose statements fail soon: followers trust for a few seconds only. */
export function createFollowStore(pool: Pool): FollowStore & LogStore {
  let notedEpoch = '';
  return {
    record: async (followers, isAwaited) => {
      await pool.query(RECORD, columnsOf(followers));
      if (isAwaited) await notify(pool, GATEWAYS_CHANNEL);
    },
    look: async (from) => {
      const { rows } = await pool.query<LookRow>(LOOK, [from?.toString() ?? null]);
      const look = toLook(rows);
      // Receipts tell since when it is so.
      if (look.epoch !== notedEpoch) await pool.query(NOTE_EPOCH);
      notedEpoch = look.epoch;
      return look;
    },
    trim: async (below) => {
      await pool.query(TRIM, [below.toString()]);
    },
    forgetGateways: async (silentMs) => {
      await pool.query(FORGET_GATEWAYS, [silentMs]);
    },
    forgetAnswers: () => clearAnswers(pool, ANSWERS_AT_A_TIME),
  };
}

function columnsOf(followers: readonly FollowerRecord[]): unknown[][] {
  const rows = followers.map(({ follower: { options, ping, appliedEpoch }, hasLeft }) => [
    options.incarnation,
    options.gateway,
    appliedEpoch,
    options.trustMs,
    ping.number.toString(),
    ping.applied.toString(),
    ping.appliedCut.toString(),
    hasLeft,
  ]);
  return Array.from({ length: 8 }, (_, column) => rows.map((row) => row[column]));
}

function toLook(rows: readonly LookRow[]): Look {
  const [first] = rows;
  if (!first) throw new Error('the look at the change log answered no row');
  return {
    ...toReadPoint(first),
    trimmedBelow: BigInt(first.trimmed_below),
    changes: rows.flatMap(({ xid, key_id: keyId, version }) =>
      xid === null ? [] : [{ xid: BigInt(xid), keyId, version: BigInt(version) }],
    ),
  };
}
