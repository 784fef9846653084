-- Up Migration

-- Times have millisecond precision: what a program reads as a Date compares equal to what is stored.

create table users (
  id uuid primary key,
  -- The identity provider's name for the user.
  external_id text unique check (char_length(external_id) between 1 and 256),
  email text check (char_length(email) between 3 and 320),
  display_name text not null check (char_length(display_name) between 1 and 200),
  role text not null check (role in ('member', 'admin')),
  -- Over all keys of the user; null: no such limit.
  rate_limit_per_hour integer check (rate_limit_per_hour >= 1),
  created_at timestamptz(3) not null default clock_timestamp(),
  disabled_at timestamptz(3)
);
create index users_newest_idx on users (created_at desc, id desc);

create table api_keys (
  id uuid primary key,
  -- Public first part of the current secret.
  key_prefix text not null unique check (char_length(key_prefix) between 1 and 32),
  -- Argon2id of the whole key, PHC string.
  key_hash varchar(255) not null check (key_hash like '$argon2id$%'),
  -- HMAC-SHA-256(pepper, whole key); null for imported keys, which a guess might find.
  key_digest bytea check (octet_length(key_digest) = 32),
  pepper_id text,
  user_id uuid not null references users (id),
  -- Null: made on the keys host.
  created_by_key_id uuid references api_keys (id),
  name text not null check (char_length(name) between 1 and 200),
  environment text not null check (environment in ('live', 'test')),
  scopes text[] not null check (array_position(scopes, null) is null),
  created_at timestamptz(3) not null default clock_timestamp(),
  -- When the current secret replaced the one before.
  rotated_at timestamptz(3),
  expires_at timestamptz(3),
  last_used_at timestamptz(3),
  last_used_ip inet,
  -- False once revoked, and once a sweep has found it expired.
  is_active boolean not null default true,
  revoked_at timestamptz(3),
  revoked_reason text check (char_length(revoked_reason) <= 500),
  rate_limit_per_hour integer not null check (rate_limit_per_hour >= 1),
  -- Null: the service's defaults.
  burst_limit integer check (burst_limit >= 1),
  burst_window_seconds integer check (burst_window_seconds >= 1),
  -- Array of CIDR blocks; null: anywhere.
  allowed_ips jsonb check (jsonb_typeof(allowed_ips) = 'array'),
  metadata jsonb not null default '{}' check (jsonb_typeof(metadata) = 'object'),
  version bigint not null check (version > 0),
  constraint digest_with_its_pepper check ((key_digest is null) = (pepper_id is null)),
  constraint revoked_is_inactive check (revoked_at is null or not is_active)
)
-- Room for last_used_at to be updated in place, without touching the indexes.
with (fillfactor = 85);
create index api_keys_key_hash_idx on api_keys (key_hash);
-- Lists are newest first; each filter that would skip many rows has an index in that order.
create index api_keys_newest_idx on api_keys (created_at desc, id desc);
create index api_keys_of_user_idx on api_keys (user_id, created_at desc, id desc);
create index api_keys_active_idx on api_keys (created_at desc, id desc) where is_active;
create index api_keys_inactive_idx on api_keys (created_at desc, id desc) where not is_active;
create index api_keys_test_idx on api_keys (created_at desc, id desc) where environment = 'test';
create index api_keys_expiry_idx on api_keys (expires_at) where revoked_at is null and expires_at is not null;
create index api_keys_created_by_idx on api_keys (created_by_key_id) where created_by_key_id is not null;
-- Expired keys are mostly old, so a walk from the newest skips many: within this index, not in the table.
create index api_keys_expiring_idx on api_keys (created_at desc, id desc, expires_at)
  where revoked_at is null and expires_at is not null;

-- An index for each scope that few keys have; nearly all have the default ones, mlflow:read and mlflow:write.
do $$
declare
  scope text;
begin
  foreach scope in array array['mlflow:delete', 'mlflow:invoke', 'mlflow:admin', 'keys:read', 'keys:write',
    'usage:read', 'audit:read', 'admin']
  loop
    execute format(
      'create index %I on api_keys (created_at desc, id desc) where scopes @> array[%L]',
      'api_keys_' || replace(scope, ':', '_') || '_idx', scope);
  end loop;
end $$;

-- Part of a name is found by trigrams where the server has them, else by walking the list.
do $$
begin
  if exists (select from pg_available_extensions where name = 'pg_trgm') then
    create extension if not exists pg_trgm;
    create index api_keys_name_idx on api_keys using gin (name gin_trgm_ops);
  end if;
exception when insufficient_privilege then
  raise notice 'pg_trgm may not be created by %: searching keys by a part of their name is slower', current_user;
end $$;

-- Secrets that rotations replaced, kept for 90 days past their end.
create table retired_secrets (
  key_prefix text primary key check (char_length(key_prefix) between 1 and 32),
  key_id uuid not null references api_keys (id),
  key_hash varchar(255) not null check (key_hash like '$argon2id$%'),
  key_digest bytea check (octet_length(key_digest) = 32),
  pepper_id text,
  retired_at timestamptz(3) not null,
  valid_until timestamptz(3) not null,
  last_used_at timestamptz(3),
  last_used_ip inet,
  constraint digest_with_its_pepper check ((key_digest is null) = (pepper_id is null))
);
create index retired_secrets_of_key_idx on retired_secrets (key_id, retired_at desc);
create index retired_secrets_end_idx on retired_secrets (valid_until);

-- What followers are told: every change that matters to authorisation, by the transaction that made it.
create table key_changes (
  xid xid8 not null default pg_current_xact_id(),
  key_id uuid not null,
  version bigint not null,
  at timestamptz not null default clock_timestamp(),
  primary key (xid, key_id, version)
);
-- How far the log has been cut: rows of transactions below may be gone, so whoever has not heard of
-- everything below has to start afresh.
create table key_changes_trimmed (
  only_row boolean primary key default true check (only_row),
  below xid8 not null
);
insert into key_changes_trimmed (below) values ('0');

-- Followers, as their last ping left them.
create table gateways (
  incarnation uuid primary key,
  gateway text not null check (char_length(gateway) <= 256),
  epoch text not null,
  -- For how long it may trust after its last echoed ping.
  trust_ms integer not null check (trust_ms >= 0),
  opened_at timestamptz not null default clock_timestamp(),
  last_ping_at timestamptz not null default clock_timestamp(),
  last_ping_number bigint not null default 0,
  -- Number and cut of the last tick that it applied.
  applied bigint not null default 0,
  applied_cut xid8 not null default '0',
  -- Said goodbye: trusts nothing any more.
  left_at timestamptz
)
-- A few rows that change each second: updated in place, with no index to keep up.
with (fillfactor = 50);

-- Events on their way to the broker, written in the transaction of their cause.
create table outbox (
  -- The event's id: its publication and its storing are idempotent by it.
  id uuid primary key,
  -- Order of writing.
  seq bigint generated always as identity unique,
  subject text not null,
  payload json not null,
  created_at timestamptz not null default clock_timestamp(),
  attempts integer not null default 0,
  -- Acknowledged by the broker; the row stays until its storing is confirmed.
  sent_at timestamptz,
  -- Given up, for a person to look at.
  parked_at timestamptz,
  parked_reason text,
  -- Events about the same thing go to one stream in their order.
  order_key text not null generated always as (
    split_part(subject, '.', 2) || ' ' ||
    coalesce(payload #>> '{data,key_id}', payload #>> '{data,target,id}', id::text)
  ) stored,
  -- A replica is publishing it; when that time has passed, another may.
  claimed_until timestamptz,
  -- When the audit log is to be asked next whether it has stored it.
  confirm_at timestamptz,
  constraint parked_with_reason check ((parked_at is null) = (parked_reason is null))
);
create index outbox_unsent_idx on outbox (seq) where sent_at is null and parked_at is null;
create index outbox_confirm_idx on outbox (confirm_at) where sent_at is not null;
create index outbox_parked_idx on outbox (parked_at) where parked_at is not null;

-- Repeated POSTs: the first one's answer, sealed under a key that only the repeater can name.
create table idempotency (
  caller_key_id uuid not null,
  -- SHA-256 of the Idempotency-Key.
  key_hash bytea not null check (octet_length(key_hash) = 32),
  -- SHA-256 of route and body.
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  sealed_response bytea not null,
  answered_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  primary key (caller_key_id, key_hash)
);
create index idempotency_end_idx on idempotency (expires_at);

-- Where the audit log says that it keeps our events: a witness that its owner can't rewrite.
create table stored_events (
  event_id uuid primary key,
  chain_seq bigint not null,
  hash bytea not null check (octet_length(hash) = 32),
  confirmed_at timestamptz not null default clock_timestamp()
);
create index stored_events_chain_idx on stored_events (chain_seq);

-- The service deletes no users and no keys, and can't rewrite the witness.
do $$
declare
  service_role text := current_setting('hokusai.service_role');
begin
  execute format('grant select, insert, update on users, api_keys to %I', service_role);
  execute format(
    'grant select, insert, update, delete on retired_secrets, gateways, outbox, idempotency to %I', service_role);
  execute format('grant select, insert, delete on key_changes to %I', service_role);
  execute format('grant select, update on key_changes_trimmed to %I', service_role);
  execute format('grant select, insert on stored_events to %I', service_role);
end $$;

-- Down Migration

-- The extension stays: it may have been there before.
drop table stored_events, idempotency, outbox, gateways, key_changes_trimmed, key_changes, retired_secrets, api_keys, users;
