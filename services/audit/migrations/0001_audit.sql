-- Up Migration

-- The log. A row is final: nothing in it is ever changed or removed by the service.
create table audit_events (
  -- 1, 2, 3, … without a gap.
  chain_seq bigint primary key check (chain_seq > 0),
  event_id uuid not null unique,
  previous_hash bytea not null check (octet_length(previous_hash) = 32),
  -- SHA-256(previous_hash ‖ body in UTF-8).
  hash bytea not null check (octet_length(hash) = 32),
  -- Canonical JSON (RFC 8785). The columns below repeat parts of it, for queries.
  body text not null,
  stored_at timestamptz(3) not null,
  occurred_at timestamptz(3) not null,
  source text not null,
  action text not null,
  outcome text not null,
  actor_user_id uuid,
  actor_key_id uuid,
  target_type text,
  target_id text,
  request_id text,
  trace_id text
);
create index audit_events_occurred_idx on audit_events (occurred_at);
create index audit_events_actor_user_idx on audit_events (actor_user_id, chain_seq desc);
create index audit_events_actor_key_idx on audit_events (actor_key_id, chain_seq desc);
create index audit_events_target_idx on audit_events (target_id, chain_seq desc);
create index audit_events_action_idx on audit_events (action, chain_seq desc);
create index audit_events_request_idx on audit_events (request_id) where request_id is not null;

-- Where the chain stands. Its lock makes appenders wait for each other.
create table audit_head (
  only_row boolean primary key default true check (only_row),
  chain_seq bigint not null check (chain_seq >= 0),
  hash bytea not null check (octet_length(hash) = 32)
);
insert into audit_head (chain_seq, hash) values (0, decode(repeat('00', 32), 'hex'));

-- Values of persons. The log holds HMAC-SHA-256(salt, name ':' value) instead: once value and salt are
-- erased here, nothing leads back to them, and the chain is as whole as before.
create table personal_values (
  chain_seq bigint not null references audit_events (chain_seq),
  name text not null,
  value text not null,
  salt bytea not null check (octet_length(salt) = 32),
  primary key (chain_seq, name)
);
create index personal_values_value_idx on personal_values (name, value, chain_seq desc);

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% on % is refused: the audit log is append-only', tg_op, tg_table_name
    using errcode = 'insufficient_privilege';
end $$;

create function refuse_step_back() returns trigger language plpgsql as $$
begin
  if new.chain_seq <= old.chain_seq then
    raise exception 'the head of the audit log can only go forward'
      using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;

create trigger audit_events_final before update or delete on audit_events
  for each row execute function refuse_change();
create trigger audit_events_not_emptied before truncate on audit_events
  for each statement execute function refuse_change();
create trigger audit_head_goes_forward before update on audit_head
  for each row execute function refuse_step_back();
create trigger audit_head_stays before delete on audit_head
  for each row execute function refuse_change();
create trigger audit_head_not_emptied before truncate on audit_head
  for each statement execute function refuse_change();
-- Deleting is for erasure, which the owner of the tables does.
create trigger personal_values_final before update on personal_values
  for each row execute function refuse_change();
create trigger personal_values_not_emptied before truncate on personal_values
  for each statement execute function refuse_change();

-- Also in sessions that switch ordinary triggers off by session_replication_role.
alter table audit_events enable always trigger audit_events_final;
alter table audit_events enable always trigger audit_events_not_emptied;
alter table audit_head enable always trigger audit_head_goes_forward;
alter table audit_head enable always trigger audit_head_stays;
alter table audit_head enable always trigger audit_head_not_emptied;
alter table personal_values enable always trigger personal_values_final;
alter table personal_values enable always trigger personal_values_not_emptied;

do $$
declare
  service_role text := current_setting('hokusai.service_role');
begin
  execute format('grant select, insert on audit_events, personal_values to %I', service_role);
  execute format('grant select on audit_head to %I', service_role);
  execute format('grant update (chain_seq, hash) on audit_head to %I', service_role);
end $$;

-- Down Migration

drop table personal_values, audit_head, audit_events;
drop function refuse_change(), refuse_step_back();
