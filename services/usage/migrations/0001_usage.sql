-- Up Migration

-- What is known of keys, from their events. An id not heard of yet stands here with version 0.
create table keys_projection (
  id uuid primary key,
  key_prefix text,
  name text,
  environment text check (environment in ('live', 'test')),
  user_id uuid,
  is_active boolean,
  expires_at timestamptz(3),
  version bigint not null default 0,
  constraint known_or_placeholder check (
    (version = 0) = (num_nulls(key_prefix, name, environment, user_id, is_active) > 0)
  )
);

-- Gateway processes, as they speak of themselves. Numbers only rise, so that messages may come in any order.
create table gateway_incarnations (
  incarnation uuid primary key,
  gateway text not null,
  -- By the gateway's clock; null: not said (yet).
  opened_at timestamptz(3),
  closed_at timestamptz(3),
  -- By the broker's clock: of whatever came of it, also from a process that found it gone.
  first_heard_at timestamptz(3) not null,
  last_heard_at timestamptz(3) not null,
  -- By the broker's clock: what it said by itself, its only sign of life; null: nothing.
  announced_at timestamptz(3),
  assigned bigint not null default 0 check (assigned >= 0),
  flushed bigint not null default 0 check (flushed >= 0),
  dropped bigint not null default 0 check (dropped >= 0),
  -- Flushed so long ago that all of it has arrived, unless it is lost; becomes `due_next` some minutes after that was said.
  due bigint not null default 0 check (due >= 0),
  due_next bigint not null default 0 check (due_next >= 0),
  due_next_at timestamptz(3) not null
);
create index gateway_incarnations_last_heard_idx on gateway_incarnations (last_heard_at);
create index gateway_incarnations_first_heard_idx on gateway_incarnations (first_heard_at, incarnation);

-- Which numbers of an incarnation are stored: written in the transaction that stores their rows.
create table ingested_ranges (
  incarnation uuid primary key references gateway_incarnations (incarnation),
  ranges int8multirange not null default '{}'
);

-- One row for each authenticated request.
create table api_key_usage (
  -- Made of the start, the incarnation and the number: the same request gets the same id.
  id uuid not null,
  timestamp timestamptz(3) not null,
  api_key_id uuid references keys_projection (id),
  user_id uuid not null,
  -- Of the secret that was used, current or retired.
  secret_prefix text not null,
  upstream text not null,
  -- Route template.
  endpoint text not null,
  method text not null,
  status_code smallint not null,
  -- Why the gateway itself refused; null if it did not.
  refusal text,
  response_time_ms double precision not null,
  first_byte_ms double precision,
  bytes_in bigint not null,
  bytes_out bigint not null,
  client_ip text not null,
  user_agent_family text not null,
  request_id text not null,
  trace_id text,
  incarnation uuid not null,
  sequence bigint not null,
  primary key (id, timestamp)
) partition by range (timestamp);
create index api_key_usage_of_key_idx on api_key_usage (api_key_id, timestamp);
create index api_key_usage_of_user_idx on api_key_usage (user_id, timestamp);
create index api_key_usage_sequence_idx on api_key_usage (incarnation, sequence);

-- Whatever no day's partition takes, such as requests of a gateway whose clock is far off: nothing is refused.
create table api_key_usage_other partition of api_key_usage default;

-- Requests that named no known key, per minute. A count is of the incarnation's whole minute so far.
create table anonymous_refusals (
  minute timestamptz(0) not null,
  reason text not null,
  -- Empty: all further addresses.
  client_ip text not null,
  incarnation uuid not null,
  count bigint not null check (count > 0),
  primary key (minute, reason, client_ip, incarnation)
);

-- Makes the partitions of the given days (UTC) that are missing, and returns how many those were. It runs
-- as the owner, so that the service can have partitions without owning the table; days that are far away
-- are left to the default partition, so that it can't be made to create any number of them.
create function ensure_usage_partitions(days date[]) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  today constant date := (clock_timestamp() at time zone 'UTC')::date;
  day date;
  partition_name text;
  day_start text;
  day_end text;
  made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('ensure_usage_partitions'));
  for day in select distinct d from unnest(days) as d where d between today - 100 and today + 7 order by d loop
    partition_name := 'api_key_usage_' || to_char(day, 'YYYYMMDD');
    continue when to_regclass(partition_name) is not null;
    day_start := to_char(day, 'YYYY-MM-DD') || ' 00:00:00+00';
    day_end := to_char(day + 1, 'YYYY-MM-DD') || ' 00:00:00+00';
    -- Attaching takes this lock anyway; taken first, no row of the day can slip in behind the move.
    lock table api_key_usage_other in access exclusive mode;
    execute format('create table %I (like api_key_usage including all)', partition_name);
    execute format(
      'with moved as (
         delete from api_key_usage_other where timestamp >= %L and timestamp < %L returning *
       ) insert into %I select * from moved',
      day_start, day_end, partition_name);
    execute format(
      'alter table api_key_usage attach partition %I for values from (%L) to (%L)',
      partition_name, day_start, day_end);
    made := made + 1;
  end loop;
  return made;
end $$;
revoke all on function ensure_usage_partitions(date[]) from public;

do $$
declare
  service_role text := current_setting('hokusai.service_role');
begin
  execute format(
    'grant select, insert, update on keys_projection, gateway_incarnations, ingested_ranges, anonymous_refusals to %I',
    service_role);
  execute format('grant select, insert on api_key_usage to %I', service_role);
  execute format('grant execute on function ensure_usage_partitions(date[]) to %I', service_role);
end $$;

-- Down Migration

drop function ensure_usage_partitions(date[]);
drop table anonymous_refusals, api_key_usage, ingested_ranges, gateway_incarnations, keys_projection;
