-- Fills an empty keys database with :count keys, as three years of use leave them; the same each time but for
-- the time of day and the ids. The oldest come first, as in life, so that the table's order is that of creation.

select setseed(0.5);

-- Some twenty keys to a user, most of them to a few; and one robot with a twentieth of all.
insert into users (id, external_id, display_name, role, created_at)
select gen_random_uuid(), 'user-' || n, 'User ' || n, case when n % 50 = 0 then 'admin' else 'member' end,
  now() - interval '3 years' + n * interval '1 millisecond'
from generate_series(1, greatest(:count / 20, 10)) n;
insert into users (id, external_id, display_name, role, created_at)
values (gen_random_uuid(), 'robot', 'Build robot', 'member', now() - interval '3 years');

insert into users (id, external_id, display_name, role)
values (gen_random_uuid(), 'platform', 'Platform team', 'admin');

create temporary table numbered_users as
select id, row_number() over (order by created_at, id) as n from users where external_id like 'user-%';
create unique index on numbered_users (n);
analyze numbered_users;

create temporary table drawn as
select n,
  now() - interval '3 years' + (n + random()) / (:count + 1) * interval '3 years' as created_at,
  random() as owner, random() as life, random() as fate, random() as fate_at, random() as use, random() as use_at,
  random() as scope, random() as kind, random() as place
from generate_series(1, :count) n;

-- What becomes of a key: nearly half never expire, a fifth are revoked, most are used until their end.
create temporary table lived as
select *, least(now(), revoked_at, expires_at) as ended_at
from (
  select *,
    case when fate < 0.2
      then created_at + fate_at * (least(now(), expires_at) - created_at) end as revoked_at
  from (
    select *,
      created_at + case when life < 0.45 then null when life < 0.65 then interval '90 days'
        when life < 0.85 then interval '365 days' when life < 0.95 then interval '30 days'
        else fate_at * interval '730 days' end as expires_at
    from drawn) with_life) with_fate;

insert into api_keys (id, key_prefix, key_hash, key_digest, pepper_id, user_id, name, environment, scopes, created_at,
  expires_at, last_used_at, last_used_ip, is_active, revoked_at, revoked_reason, rate_limit_per_hour, allowed_ips,
  metadata, version)
select gen_random_uuid(),
  case when kind < 0.1 then 'hk_test_' else 'hk_live_' end || substr(md5(l.n::text), 1, 6) || lpad(to_hex(l.n), 6, '0'),
  '$argon2id$v=19$m=19456,t=2,p=1$' || substr(encode(sha256(l.n::text::bytea), 'base64'), 1, 22)
    || '$' || rtrim(encode(sha256(md5(l.n::text)::bytea), 'base64'), '='),
  sha256(l.n::text::bytea), 'seed',
  case when owner < 0.05 then (select id from users where external_id = 'robot') else u.id end,
  (array['ci ', 'nightly training ', 'notebook ', 'batch inference ', 'deploy '])[1 + floor(place * 5)::integer]
    || (array['vision', 'speech', 'ranking', 'fraud', 'search'])[1 + floor(use_at * 5)::integer] || ' ' || l.n,
  case when kind < 0.1 then 'test' else 'live' end,
  case when scope < 0.80 then array['mlflow:read', 'mlflow:write']
    when scope < 0.90 then array['mlflow:read']
    when scope < 0.94 then array['mlflow:read', 'mlflow:write', 'mlflow:delete']
    when scope < 0.97 then array['mlflow:read', 'mlflow:write', 'keys:read', 'keys:write']
    when scope < 0.99 then array['usage:read']
    when scope < 0.999 or kind < 0.1 then array['mlflow:invoke'] else array['admin'] end,
  l.created_at, expires_at,
  case when use < 0.02 then null
    when use < 0.60 then greatest(l.created_at, ended_at + ln(use_at + 0.000001) * interval '2 days')
    else l.created_at + use_at * (ended_at - l.created_at) end,
  case when use >= 0.02 then '10.0.0.0'::inet + (l.n % 65536) end,
  revoked_at is null and (expires_at is null or expires_at > now()), revoked_at,
  case when revoked_at is not null and kind > 0.5 then 'left the team' end,
  20000,
  case when place < 0.1 then '["10.0.0.0/8", "2001:db8::/32"]'::jsonb end,
  case when place < 0.2 then jsonb_build_object('team', 'team ' || l.n % 40) else '{}' end,
  (extract(epoch from l.created_at) * 1000000)::bigint
from lived l
left join numbered_users u
  on u.n = 1 + floor(power(owner, 1.3) * (select count(*) from numbered_users))::integer
order by l.n;

-- The key that acts.
insert into api_keys (id, key_prefix, key_hash, user_id, name, environment, scopes, rate_limit_per_hour, version)
select gen_random_uuid(), 'acting', '$argon2id$', id, 'acting', 'live', array['admin'], 20000, 1
from users where external_id = 'platform';

-- One in thirty was rotated, the secret of before out of its grace by now or not.
insert into retired_secrets (key_prefix, key_id, key_hash, key_digest, pepper_id, retired_at, valid_until)
select 'hk_live_old' || substr(key_prefix, 10), id, key_hash, key_digest, pepper_id, created_at,
  created_at + interval '1 day'
from api_keys where key_digest < '\x08';

drop table lived, drawn, numbered_users;

analyze users, api_keys, retired_secrets;
