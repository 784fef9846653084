-- Up Migration

-- When something is next to be done about a key's expiry, as seen at `moment`: a notice 7 days, 1 day or 1 hour
-- ahead, or else the expiry itself, past or future. In hours, since a day may have 23 or 25 of them.
create function next_expiry_step(expires_at timestamptz, moment timestamptz) returns timestamptz
language sql stable parallel safe
return case
  when expires_at - interval '168 hours' > moment then expires_at - interval '168 hours'
  when expires_at - interval '24 hours' > moment then expires_at - interval '24 hours'
  when expires_at - interval '1 hour' > moment then expires_at - interval '1 hour'
  else expires_at
end;

-- Null where nothing is to be done: the key has no expiry, or does not work any more.
alter table api_keys add column expiry_due_at timestamptz(3);
update api_keys set expiry_due_at = next_expiry_step(expires_at, clock_timestamp())
where is_active and expires_at is not null;
alter table api_keys add constraint due_with_an_expiry
  check (expiry_due_at is null or (is_active and expires_at is not null));
create index api_keys_expiry_due_idx on api_keys (expiry_due_at) where expiry_due_at is not null;

-- Whoever sets an expiry sets its first step: what lies ahead of it by then is announced, and nothing else.
create function set_expiry_due_at() returns trigger language plpgsql as $$
begin
  new.expiry_due_at := case when new.is_active then next_expiry_step(new.expires_at, clock_timestamp()) end;
  return new;
end $$;
create trigger api_keys_expiry_set before insert on api_keys
  for each row execute function set_expiry_due_at();
-- A change that leaves the expiry as it is must not skip a notice that is due.
create trigger api_keys_expiry_changed before update of expires_at, is_active on api_keys
  for each row when (old.expires_at is distinct from new.expires_at or old.is_active is distinct from new.is_active)
  execute function set_expiry_due_at();

-- Not left to PUBLIC's default, which a hardened server takes away.
do $$
begin
  execute format('grant execute on function next_expiry_step to %I', current_setting('hokusai.service_role'));
end $$;

-- Down Migration

drop trigger api_keys_expiry_changed on api_keys;
drop trigger api_keys_expiry_set on api_keys;
drop function set_expiry_due_at();
alter table api_keys drop column expiry_due_at;
drop function next_expiry_step(timestamptz, timestamptz);
