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
  outcome text not null check (outcome in ('success', 'refused', 'failed')),
  actor_user_id uuid,
  actor_key_id uuid,
  target_type text,
  target_id text,
  -- Of a key: whose it is.
  target_owner_id uuid,
  request_id text,
  trace_id text
);
-- One for each filter, so that it is walked in the order of the log, and joined with others without a look at the
-- rows. What can't be asked for is not in them. Members' pages: by what they did (actor), by what was done to their
-- keys (owner) and to them (target). Action and outcome stand beside each entry: of somebody's rows, those of one kind
-- are told without a look at any row.
create index audit_events_actor_user_idx on audit_events (actor_user_id, chain_seq desc)
  include (action, outcome) where actor_user_id is not null;
create index audit_events_actor_key_idx on audit_events (actor_key_id, chain_seq desc)
  include (action, outcome) where actor_key_id is not null;
create index audit_events_target_idx on audit_events (target_id, chain_seq desc)
  include (target_type, action, outcome) where target_id is not null;
create index audit_events_target_owner_idx on audit_events (target_owner_id, chain_seq desc)
  include (action, outcome) where target_owner_id is not null;
-- Action and outcome depend on each other as no others do: for both together, and by each outcome for an action alone.
create index audit_events_action_idx on audit_events (action, outcome, chain_seq desc);
create index audit_events_outcome_idx on audit_events (outcome, chain_seq desc);
create index audit_events_request_idx on audit_events (request_id, chain_seq desc) where request_id is not null;
-- Least and greatest time of each block of rows: in which of them a period can lie.
create index audit_events_blocks_idx on audit_events ((chain_seq / 4096), occurred_at);
-- Indexes answer by themselves for pages that a vacuum has seen to be visible to all. Of a table that only grows, that
-- would be once in a fifth of it: a vacuum looks at new pages only, and at no index.
alter table audit_events set (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000);

-- Where the chain stands. Its lock makes appenders wait for each other.
create table audit_head (
  only_row boolean primary key default true check (only_row),
  -- Of this log, for as long as it is kept: what is signed of it is signed of no other.
  log_id uuid not null default gen_random_uuid(),
  chain_seq bigint not null check (chain_seq >= 0),
  hash bytea not null check (octet_length(hash) = 32)
);
insert into audit_head (chain_seq, hash) values (0, decode(repeat('00', 32), 'hex'));

-- Values of persons. The log holds HMAC-SHA-256(salt, name ':' value) instead: once value and salt are
-- erased here, nothing leads back to them, and the chain is as whole as before. Both are written in one
-- transaction; a foreign key would be looked up for each value once more.
create table personal_values (
  chain_seq bigint not null,
  name text not null,
  value text not null,
  salt bytea not null check (octet_length(salt) = 32),
  primary key (chain_seq, name)
);
create index personal_values_value_idx on personal_values (name, value, chain_seq desc)
  where name in ('client_ip', 'email');
alter table personal_values set (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 200000);

-- Who signs checkpoints, in the order in which they began to.
create table audit_signers (
  signer_number integer primary key check (signer_number > 0),
  -- First 16 hexadecimal digits of SHA-256 of the public key's SubjectPublicKeyInfo in DER.
  signer_id text not null unique check (signer_id ~ '^[0-9a-f]{16}$'),
  -- Ed25519.
  public_key bytea not null check (octet_length(public_key) = 32),
  -- The log's last row when it began to sign.
  since_chain_seq bigint not null check (since_chain_seq >= 0),
  -- The signer before, which vouches for it: null for the first one, and where its key was lost.
  endorsed_by text references audit_signers (signer_id),
  endorsement bytea check (octet_length(endorsement) = 64),
  check ((endorsed_by is null) = (endorsement is null))
);

-- Signed statements of where the chain stood.
create table audit_checkpoints (
  chain_seq bigint primary key check (chain_seq > 0),
  -- Of that row.
  hash bytea not null check (octet_length(hash) = 32),
  signed_at timestamptz(3) not null,
  signer_id text not null references audit_signers (signer_id),
  -- Ed25519.
  signature bytea not null check (octet_length(signature) = 64)
);

-- How far each place outside of the database has them.
create table audit_checkpoint_sinks (
  -- Kind and address, as `directory:/var/lib/hokusai/checkpoints`.
  sink text primary key,
  -- Of the last checkpoint that it has.
  chain_seq bigint not null check (chain_seq >= 0),
  stored_at timestamptz not null default clock_timestamp()
);

-- The checkpoint that stands for all rows up to it, which are not kept any more. Written by the owner.
create table audit_base (
  only_row boolean primary key default true check (only_row),
  chain_seq bigint not null references audit_checkpoints (chain_seq)
);

-- The owner's own commands take away what is older than it has to be kept, and say so to these triggers; the
-- service's role may delete nothing, whatever it says.
create function refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and current_setting('hokusai.retention', true) = 'on' then
    return old;
  end if;
  raise exception '% on % is refused: the audit log is append-only', tg_op, tg_table_name
    using errcode = 'insufficient_privilege';
end $$;

create function refuse_step_back() returns trigger language plpgsql as $$
begin
  if new.chain_seq <= old.chain_seq then
    raise exception '% can only go forward', tg_table_name
      using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;

create function refuse_other_log() returns trigger language plpgsql as $$
begin
  if new.log_id <> old.log_id then
    raise exception 'the audit log keeps its id' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;

create trigger audit_events_final before update or delete on audit_events
  for each row execute function refuse_change();
create trigger audit_events_not_emptied before truncate on audit_events
  for each statement execute function refuse_change();
create trigger audit_head_goes_forward before update on audit_head
  for each row execute function refuse_step_back();
create trigger audit_head_keeps_its_log before update on audit_head
  for each row execute function refuse_other_log();
create trigger audit_head_stays before delete on audit_head
  for each row execute function refuse_change();
create trigger audit_head_not_emptied before truncate on audit_head
  for each statement execute function refuse_change();
create trigger audit_signers_final before update or delete on audit_signers
  for each row execute function refuse_change();
create trigger audit_signers_not_emptied before truncate on audit_signers
  for each statement execute function refuse_change();
create trigger audit_checkpoints_final before update or delete on audit_checkpoints
  for each row execute function refuse_change();
create trigger audit_checkpoints_not_emptied before truncate on audit_checkpoints
  for each statement execute function refuse_change();
create trigger audit_base_goes_forward before update on audit_base
  for each row execute function refuse_step_back();
create trigger audit_base_stays before delete on audit_base
  for each row execute function refuse_change();
create trigger audit_base_not_emptied before truncate on audit_base
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
alter table audit_head enable always trigger audit_head_keeps_its_log;
alter table audit_head enable always trigger audit_head_stays;
alter table audit_head enable always trigger audit_head_not_emptied;
alter table audit_signers enable always trigger audit_signers_final;
alter table audit_signers enable always trigger audit_signers_not_emptied;
alter table audit_checkpoints enable always trigger audit_checkpoints_final;
alter table audit_checkpoints enable always trigger audit_checkpoints_not_emptied;
alter table audit_base enable always trigger audit_base_goes_forward;
alter table audit_base enable always trigger audit_base_stays;
alter table audit_base enable always trigger audit_base_not_emptied;
alter table personal_values enable always trigger personal_values_final;
alter table personal_values enable always trigger personal_values_not_emptied;

do $$
declare
  service_role text := current_setting('hokusai.service_role');
begin
  execute format(
    'grant select, insert on audit_events, personal_values, audit_signers, audit_checkpoints to %I', service_role);
  execute format('grant select on audit_head, audit_base to %I', service_role);
  execute format('grant select, insert, update on audit_checkpoint_sinks to %I', service_role);
  execute format('grant update (chain_seq, hash) on audit_head to %I', service_role);
end $$;

-- Down Migration

drop table audit_base, audit_checkpoint_sinks, audit_checkpoints, audit_signers, personal_values, audit_head, audit_events;
drop function refuse_change(), refuse_step_back(), refuse_other_log();
