-- Up Migration

-- Requests that gateways served and would have refused, were they not observing only; per minute, as in
-- anonymous_refusals, and by who sent them.
create table observed_refusals (
  reported_minute timestamptz(0) not null,
  minute timestamptz(0) not null,
  reason text not null,
  -- Empty: all further clients.
  client_ip text not null,
  user_agent_family text not null,
  -- Empty: without a well-formed key.
  key_prefix text not null,
  incarnation uuid not null,
  count bigint not null check (count > 0),
  primary key (reported_minute, reason, client_ip, user_agent_family, key_prefix, incarnation)
);
create index observed_refusals_minute_idx on observed_refusals (minute);

-- Forgets those that are older, as the owner, since the service deletes nothing. Returns how many those were.
create function drop_expired_observations(keep_days integer) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  dropped bigint;
begin
  delete from observed_refusals
  where minute < ((clock_timestamp() at time zone 'UTC')::date - greatest(keep_days, 16))::timestamp at time zone 'UTC';
  get diagnostics dropped = row_count;
  return dropped;
end $$;
revoke all on function drop_expired_observations(integer) from public;

do $$
declare
  service_role constant text := current_setting('hokusai.service_role');
begin
  execute format('grant select, insert, update on observed_refusals to %I', service_role);
  execute format('grant execute on function drop_expired_observations(integer) to %I', service_role);
end $$;

-- Down Migration

drop function drop_expired_observations(integer);
drop table observed_refusals;
