/**
 * A record of what the keys service commits, by the database itself: triggers of the superuser write each change of a
 * key or user, and each audit event that enters the outbox, in the transaction that makes it.
 */
import type { Pool } from '@hokusai/service-kit';

/** A row as JSON. */
export type Row = Record<string, unknown>;

export interface Change {
  /** Of its transaction. */
  xid: string;
  kind: 'key' | 'user';
  id: string;
  /** null: it was made. */
  before: Row | null;
  after: Row;
}

/** The data of an audit event, and the body of its row, as far as they have the same fields. */
export interface EventFacts {
  action: string;
  outcome: string;
  /** ISO 8601: the database's clock while the key was locked. */
  occurred_at: string;
  actor: unknown;
  target: { type: string; id: string } | null;
  before: Row | null;
  after: Row | null;
  reason: string | null;
  count: number;
  request_id: string | null;
  trace_id: string | null;
}

/** An event as it was last written into the outbox. */
export interface WrittenEvent {
  xid: string;
  eventId: string;
  data: EventFacts;
}

/** All of it stands in the order of writing; what is of one key or user stands in the order of committing, too. */
export interface Recording {
  changes: Change[];
  events: WrittenEvent[];
}

const RECORDER = `
  create schema chaos;
  create table chaos.changes (
    place bigint generated always as identity primary key,
    xid xid8 not null default pg_current_xact_id(),
    kind text not null, id uuid not null, before jsonb, after jsonb not null);
  create table chaos.events (
    place bigint generated always as identity primary key,
    xid xid8 not null default pg_current_xact_id(),
    event_id uuid not null unique, payload json not null);

  create function chaos.note_change() returns trigger language plpgsql security definer as $$
  begin
    insert into chaos.changes (kind, id, before, after) values
      (tg_argv[0], new.id, case tg_op when 'UPDATE' then to_jsonb(old) end, to_jsonb(new));
    return null;
  end $$;
  create function chaos.note_event() returns trigger language plpgsql security definer as $$
  begin
    insert into chaos.events (event_id, payload) values (new.id, new.payload)
    on conflict (event_id) do update set payload = excluded.payload;
    return null;
  end $$;

  create trigger chaos_key_made after insert on api_keys for each row execute function chaos.note_change('key');
  create trigger chaos_user_made after insert on users for each row execute function chaos.note_change('user');
  -- When a key was last used is no change.
  create trigger chaos_key_changed after update on api_keys for each row
    when (old.version is distinct from new.version) execute function chaos.note_change('key');
  create trigger chaos_user_changed after update on users for each row
    when (old.* is distinct from new.*) execute function chaos.note_change('user');
  -- One that stands for several refusals is written again with each of them.
  create trigger chaos_event_written after insert or update of payload on outbox for each row
    when (new.subject like 'hokusai.audit.%') execute function chaos.note_event();`;

/** @param admin the superuser, before the service first uses the database */
export async function installRecorder(admin: Pool): Promise<void> {
  await admin.query(RECORDER);
}

export async function readRecording(admin: Pool): Promise<Recording> {
  const changes = await admin.query<Change>(
    'select xid::text as xid, kind, id, before, after from chaos.changes order by place',
  );
  const events = await admin.query<WrittenEvent>(
    `select xid::text as xid, event_id as "eventId", payload -> 'data' as data from chaos.events order by place`,
  );
  return { changes: changes.rows, events: events.rows };
}
