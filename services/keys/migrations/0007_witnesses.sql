-- Up Migration

-- Each hash stands for all rows of the audit log before it: of old ones, the last of each hour is enough.
create index stored_events_confirmed_idx on stored_events (confirmed_at);

-- Up to where that is done.
create table stored_events_thinned (
  only_row boolean primary key default true check (only_row),
  up_to timestamptz not null
);
insert into stored_events_thinned (up_to) values ('-infinity');

-- Thins the next hour that is over for 30 days; false: there is none. The service can take no other hash away.
create function thin_stored_events() returns boolean
  language plpgsql security definer set search_path = public, pg_temp as $$
declare
  reached timestamptz;
  hour timestamptz;
begin
  select up_to into reached from stored_events_thinned for update skip locked;
  if reached is null then
    return false;
  end if;
  select date_bin('1 hour', min(confirmed_at), '2000-01-01T00:00:00Z') into hour
  from stored_events where confirmed_at >= reached;
  if hour is null or hour > clock_timestamp() - interval '30 days 1 hour' then
    return false;
  end if;
  delete from stored_events where confirmed_at >= hour and confirmed_at < hour + interval '1 hour'
    and chain_seq < (select max(chain_seq) from stored_events
      where confirmed_at >= hour and confirmed_at < hour + interval '1 hour');
  update stored_events_thinned set up_to = hour + interval '1 hour';
  return true;
end $$;

revoke all on function thin_stored_events() from public;
do $$
begin
  execute format('grant execute on function thin_stored_events() to %I', current_setting('hokusai.service_role'));
end $$;

-- Down Migration

drop function thin_stored_events();
drop table stored_events_thinned;
drop index stored_events_confirmed_idx;
