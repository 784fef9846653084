-- Up Migration

-- What is kept at each level: the requests, and their rollups by grain. `parents`: which tables; `width`: how long
-- a partition is; `pattern`: how its name ends. Of the last `least_days` nothing goes: a message waits for seven days
-- at most, and what it brings is dated eight days before it at most; then its minute is made anew from all of the
-- requests, the hour from all minutes, and the day from all hours.
create view usage_levels as
select * from (values
  ('raw', '^api_key_usage$', 'day', 'YYYYMMDD', 16),
  ('minute', '_usage_minutes$', rollup_partition_width('minutes'), rollup_partition_pattern('minutes'), 17),
  ('hour', '_usage_hours$', rollup_partition_width('hours'), rollup_partition_pattern('hours'), 17),
  ('day', '_usage_days$', rollup_partition_width('days'), rollup_partition_pattern('days'), 17)
) as levels (level, parents, width, pattern, least_days);

-- Since when a level is complete: what is older has been dropped, except for what was yet to be rolled up. Without a
-- row nothing has been dropped. Raised in the transaction that drops. A partition that is dropped is gone from
-- older snapshots as well: whoever relies on one locks this table (access share) before taking it.
create table usage_floors (
  level text primary key check (level in ('raw', 'minute', 'hour', 'day')),
  complete_since timestamptz(0) not null
);

-- Starts of what is yet to be rolled up.
create view usage_unsettled as
select 'minutes' as grain, minute as start from usage_dirty_minutes
union all select 'minutes', minute from usage_claimed_minutes
union all select 'hours', start from usage_stale_hours
union all select 'days', start from usage_stale_days;

-- Materialized: a condition must not read a name before it is clear which pattern that follows.
create view usage_partitions as
with partitions as materialized (
  select level, width, parent.relname as parent, child.relname as name,
    to_date(substring(child.relname from '\d+$'), pattern)::timestamp as day
  from pg_inherits
  join pg_class as child on child.oid = inhrelid
  join pg_class as parent on parent.oid = inhparent
  join usage_levels on parent.relname ~ parents
  where parent.relkind = 'p' and parent.relnamespace = 'public'::regnamespace and child.relname ~ '\d+$'
)
select level, parent, name, day at time zone 'UTC' as first_moment,
  (day + ('1 ' || width)::interval) at time zone 'UTC' as end_moment
from partitions;

-- Those that may go when their time is over: none of which something is yet to be rolled up; and the sums of gateway
-- processes per day stay for good, since their accounts are made of them.
create view usage_droppable_partitions as
select * from usage_partitions
where parent <> 'incarnation_usage_days' and not exists (
  select from usage_unsettled where start >= first_moment and start < end_moment);

-- Drops what is older than so many days at one level, by the clock of the database, and returns how many partitions
-- that were. It runs as the owner, so that the service can't delete whatever it likes.
-- Refused requests of no known key lose their addresses with the requests: they are kept as sums per hour and reason.
create function drop_expired_usage(dropped_level text, keep_days integer) returns integer
language plpgsql strict security definer set search_path = public, pg_temp set lock_timeout = '5s' as $$
declare
  today constant date := (clock_timestamp() at time zone 'UTC')::date;
  -- Where the first partition begins that is not over for so long.
  first_kept constant timestamptz := (
    select date_trunc(width, (today - greatest(keep_days, least_days))::timestamp) at time zone 'UTC'
    from usage_levels where level = dropped_level);
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
  partition_name text;
  dropped integer := 0;
begin
  if first_kept is null then
    raise exception 'there is no level %', dropped_level using errcode = 'invalid_parameter_value';
  end if;
  if not pg_try_advisory_xact_lock(hashtext('drop_expired_usage'), hashtext(dropped_level)) then
    return 0; -- Another replica is at it.
  end if;
  if exists (select from usage_droppable_partitions where level = dropped_level and end_moment <= first_kept) then
    lock table usage_floors in access exclusive mode;
    for partition_name in
      select name from usage_droppable_partitions where level = dropped_level and end_moment <= first_kept
    loop
      execute format('drop table %I', partition_name);
      dropped := dropped + 1;
    end loop;
  end if;
  insert into usage_floors as known (level, complete_since) values (dropped_level, first_kept)
  on conflict (level) do update set complete_since = excluded.complete_since
  where known.complete_since < excluded.complete_since;
  if dropped_level = 'raw' then
    delete from api_key_usage_other where timestamp < first_kept
      and date_bin('1 day', timestamp, 'epoch') not in (select date_bin('1 day', start, 'epoch') from usage_unsettled);
    with expired as (
      delete from anonymous_refusals where minute < first_kept and incarnation <> nobody
        and date_bin('1 day', minute, 'epoch') not in (select date_bin('1 day', start, 'epoch') from usage_unsettled)
      returning *
    ), summed as (
      select date_bin('1 hour', minute, 'epoch') as hour, reason, sum(count) as count from expired group by 1, 2
    )
    insert into anonymous_refusals as known (reported_minute, minute, reason, client_ip, incarnation, count)
    select hour, hour, reason, '', nobody, count from summed
    on conflict (reported_minute, reason, client_ip, incarnation) do update set count = known.count + excluded.count;
  end if;
  return dropped;
end $$;
revoke all on function drop_expired_usage(text, integer) from public;

do $$
declare
  service_role constant text := current_setting('hokusai.service_role');
begin
  execute format('grant execute on function drop_expired_usage(text, integer) to %I', service_role);
  execute format('grant select on usage_floors, usage_unsettled, usage_partitions, api_key_usage_other to %I', service_role);
end $$;

-- Down Migration

drop function drop_expired_usage(text, integer);
drop view usage_droppable_partitions, usage_partitions, usage_unsettled;
drop table usage_floors;
drop view usage_levels;
