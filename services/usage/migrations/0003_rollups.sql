-- Up Migration

-- The latency sketch: DDSketch (Masson, Rim, Lee, VLDB 2019) with a relative error of 1 %. A bucket ends where it
-- began times 1.01/0.99; bucket 0 is what lies below a microsecond. The bounds are products, which every machine
-- computes alike, not powers or logarithms, which it may round otherwise than the one that reads the sketch.
do $$
declare
  ratio constant double precision := 1.01::double precision / 0.99::double precision;
  bound double precision := 0.001;
  bounds double precision[] := '{}';
begin
  while bound < 1e9 loop
    bounds := bounds || bound;
    bound := bound * ratio;
  end loop;
  execute format(
    'create function latency_bucket(ms double precision) returns smallint language sql immutable parallel safe
     return width_bucket(ms, %L::double precision[])::smallint', bounds);
end $$;

-- A sketch as one value: its buckets in rising order, and how much is in each.
create type latency_sketch as (buckets smallint[], counts bigint[]);

-- Minutes that are being rolled up: no longer marked, and not to be believed until their transaction is through.
create table usage_claimed_minutes (minute timestamptz(0) primary key);
-- Hours and days of which a part has changed since they were rolled up.
create table usage_stale_hours (start timestamptz(0) primary key);
create table usage_stale_days (start timestamptz(0) primary key);

-- When a key was last used, for longer than its requests are kept.
create table key_last_use (
  api_key_id uuid primary key,
  last_used_at timestamptz(3) not null
);

-- The earliest that is known of a key: versions are microseconds of the time at which they came to be.
alter table keys_projection add column first_version bigint not null default 0;
update keys_projection set first_version = version;

-- Sums of requests: by key and endpoint, by endpoint alone, by key and client address, by gateway process, by key, of
-- all; each per minute, hour and day (UTC), but by key alone only per hour and day.
do $$
declare
  service_role constant text := current_setting('hokusai.service_role');
  family record;
  grain text;
  relation text;
  dimension text;
begin
  for family in select * from (values
    ('key', 'api_key_id uuid, user_id uuid not null, upstream text not null, method text not null, endpoint text not null,',
      array['api_key_id', 'user_id']),
    ('endpoint', 'upstream text not null, method text not null, endpoint text not null,', array[]::text[]),
    ('client', 'api_key_id uuid, user_id uuid not null, client_ip text not null,', array['api_key_id', 'user_id']),
    ('incarnation', 'incarnation uuid not null,', array['incarnation']),
    ('key_total', 'api_key_id uuid, user_id uuid not null,', array['api_key_id', 'user_id']),
    ('total', '', array[]::text[])
  ) as families (name, dimensions, indexed) loop
    foreach grain in array array['minutes', 'hours', 'days'] loop
      relation := family.name || '_usage_' || grain;
      continue when relation = 'key_total_usage_minutes';
      execute format(
        'create table %I (
           start timestamptz(0) not null, %s
           requests bigint not null,
           informational bigint not null, successful bigint not null, redirected bigint not null,
           client_errors bigint not null, server_errors bigint not null,
           bytes_in numeric not null, bytes_out numeric not null,
           refusals jsonb not null,
           latency_buckets smallint[] not null, latency_counts bigint[] not null
         ) partition by range (start)', relation, family.dimensions);
      execute format('create index on %I (start)', relation);
      execute format('grant select, insert, delete on %I to %I', relation, service_role);
      -- Of addresses there is no series by the minute: minutes are asked for at the edges of a period, some hours at most.
      continue when relation = 'client_usage_minutes';
      foreach dimension in array family.indexed loop
        execute format('create index on %I (%I, start)', relation, dimension);
      end loop;
    end loop;
  end loop;
  execute format(
    'grant select, insert, update, delete on usage_dirty_minutes, usage_claimed_minutes, usage_stale_hours,
       usage_stale_days, key_last_use to %I', service_role);
end $$;

-- How long the partitions of a grain are, and how their names end.
create function rollup_partition_width(grain text) returns text
language sql immutable return case grain when 'minutes' then 'day' when 'hours' then 'month' when 'days' then 'year' end;
create function rollup_partition_pattern(grain text) returns text
language sql immutable return case grain when 'minutes' then 'YYYYMMDD' when 'hours' then 'YYYYMM' when 'days' then 'YYYY' end;

-- Makes the partitions that are missing for rollups of these times. It runs as the owner, so that the service can
-- have partitions without owning the tables.
create function ensure_rollup_partitions(grain text, starts timestamptz[]) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  width constant text := rollup_partition_width(grain);
  first_day timestamp;
  parent text;
  partition_name text;
  made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('ensure_rollup_partitions'));
  for first_day in select distinct date_trunc(width, s at time zone 'UTC') from unnest(starts) as s loop
    foreach parent in array array['key', 'endpoint', 'client', 'incarnation', 'key_total', 'total'] loop
      parent := parent || '_usage_' || grain;
      continue when to_regclass(parent) is null;
      partition_name := parent || '_' || to_char(first_day, rollup_partition_pattern(grain));
      continue when to_regclass(partition_name) is not null;
      execute format('create table %I (like %I including all)', partition_name, parent);
      execute format('alter table %I attach partition %I for values from (%L) to (%L)', parent, partition_name,
        first_day at time zone 'UTC', (first_day + ('1 ' || width)::interval) at time zone 'UTC');
      made := made + 1;
    end loop;
  end loop;
  return made;
end $$;
revoke all on function ensure_rollup_partitions(text, timestamptz[]) from public;

do $$
declare
  service_role constant text := current_setting('hokusai.service_role');
begin
  execute format('grant execute on function ensure_rollup_partitions(text, timestamptz[]) to %I', service_role);
  execute format('grant execute on function latency_bucket(double precision) to %I', service_role);
end $$;

-- What was stored before there were rollups is to be rolled up.
insert into usage_dirty_minutes (minute, marked_at)
select minute, now() from (
  select date_bin('1 minute', timestamp, 'epoch') as minute from api_key_usage
  union
  select date_bin('1 minute', minute, 'epoch') from anonymous_refusals
) as stored
on conflict do nothing;

-- Down Migration

drop function ensure_rollup_partitions(text, timestamptz[]);
drop function rollup_partition_pattern(text);
drop function rollup_partition_width(text);
do $$
declare
  family text;
  grain text;
begin
  foreach family in array array['key', 'endpoint', 'client', 'incarnation', 'key_total', 'total'] loop
    foreach grain in array array['minutes', 'hours', 'days'] loop
      execute format('drop table if exists %I', family || '_usage_' || grain);
    end loop;
  end loop;
end $$;
alter table keys_projection drop column first_version;
drop table key_last_use, usage_stale_days, usage_stale_hours, usage_claimed_minutes;
drop type latency_sketch;
drop function latency_bucket(double precision);
