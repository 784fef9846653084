-- Up Migration

-- Drops the requests of days before the given one (UTC), and returns how many partitions that were. It runs as the
-- owner, so that the service can't delete whatever it likes. What may still come keeps its day, and what is yet to be
-- rolled up: a message waits for seven days at most, and what it brings is dated eight days before it at most.
-- Refused requests of no known key lose their addresses then: they are kept as sums per hour and reason.
create function drop_expired_usage(before date) returns integer
language plpgsql security definer set search_path = public, pg_temp set lock_timeout = '5s' as $$
declare
  first_kept constant date := least(before, (clock_timestamp() at time zone 'UTC')::date - 16);
  first_moment constant timestamptz := first_kept::timestamp at time zone 'UTC';
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
  partition record;
  dropped integer := 0;
begin
  if not pg_try_advisory_xact_lock(hashtext('drop_expired_usage')) then
    return 0; -- Another replica is at it.
  end if;
  for partition in
    select child.relname as name, to_date(right(child.relname, 8), 'YYYYMMDD') as day
    from pg_inherits join pg_class as child on child.oid = inhrelid
    where inhparent = 'api_key_usage'::regclass and child.relname ~ '^api_key_usage_\d{8}$'
  loop
    continue when partition.day >= first_kept;
    continue when exists (
      select from (select minute from usage_dirty_minutes union all select minute from usage_claimed_minutes) as behind
      where (minute at time zone 'UTC')::date = partition.day);
    execute format('drop table %I', partition.name);
    dropped := dropped + 1;
  end loop;
  delete from api_key_usage_other where timestamp < first_moment;
  with expired as (
    delete from anonymous_refusals where minute < first_moment and incarnation <> nobody returning *
  ), summed as (
    select date_bin('1 hour', minute, 'epoch') as hour, reason, sum(count) as count from expired group by 1, 2
  )
  insert into anonymous_refusals as known (reported_minute, minute, reason, client_ip, incarnation, count)
  select hour, hour, reason, '', nobody, count from summed
  on conflict (reported_minute, reason, client_ip, incarnation) do update set count = known.count + excluded.count;
  return dropped;
end $$;
revoke all on function drop_expired_usage(date) from public;

do $$
begin
  execute format('grant execute on function drop_expired_usage(date) to %I', current_setting('hokusai.service_role'));
end $$;

-- Down Migration

drop function drop_expired_usage(date);
