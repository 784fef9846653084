-- Up Migration

-- Lists are newest first. Keys by a range of their last use or their expiry may all be old, so that a walk from
-- the newest would pass over most of the table: their indexes group them in bins, newest first in each, and a
-- page takes the first ones of each bin.
create function last_used_bin(moment timestamptz) returns timestamptz language sql immutable strict parallel safe
return date_bin(interval '90 days', moment, timestamptz '2000-01-01 00:00:00+00');

-- Narrower, as one mostly looks some weeks ahead, and in the bin where the range ends not all keys match.
create function expires_bin(moment timestamptz) returns timestamptz language sql immutable strict parallel safe
return date_bin(interval '14 days', moment, timestamptz '2000-01-01 00:00:00+00');

-- Columns rather than indexes on expressions: last_used_at is updated in place as long as its bin is the same.
-- Never used comes before all bins. listed_at is created_at under another name: asked for the newest by that
-- one, Postgres may take a walk along the whole list for cheaper.
alter table api_keys
  add column listed_at timestamptz(3) not null generated always as (created_at) stored,
  add column last_used_bin timestamptz not null
    generated always as (coalesce(last_used_bin(last_used_at), '-infinity')) stored,
  add column expires_bin timestamptz generated always as (expires_bin(expires_at)) stored;

-- What stands after the id decides nothing about the order: such a condition is looked up in the index, and
-- spares a visit of the table for each key that doesn't match.
create index api_keys_last_used_bin_idx on api_keys (last_used_bin, listed_at desc, id desc, environment);
create index api_keys_active_last_used_bin_idx on api_keys (last_used_bin, listed_at desc, id desc, environment)
  where is_active;
create index api_keys_active_expires_bin_idx on api_keys
  (expires_bin, listed_at desc, id desc, expires_at, last_used_bin, environment)
  where is_active and expires_bin is not null;
create index api_keys_expired_expires_bin_idx on api_keys
  (expires_bin, listed_at desc, id desc, expires_at, last_used_bin, environment)
  where not is_active and revoked_at is null;
create index api_keys_expired_idx on api_keys (listed_at desc, id desc, expires_at, environment)
  where not is_active and revoked_at is null;
-- A program that makes a key for each of its runs has few of them working.
create index api_keys_active_of_user_idx on api_keys (user_id, created_at desc, id desc) where is_active;

do $$
declare
  service_role text := current_setting('hokusai.service_role');
begin
  execute format('grant execute on function last_used_bin, expires_bin to %I', service_role);
end $$;

-- Down Migration

drop index api_keys_last_used_bin_idx, api_keys_active_last_used_bin_idx, api_keys_active_expires_bin_idx,
  api_keys_expired_expires_bin_idx, api_keys_expired_idx, api_keys_active_of_user_idx;
alter table api_keys drop column listed_at, drop column last_used_bin, drop column expires_bin;
drop function last_used_bin(timestamptz), expires_bin(timestamptz);
