-- :count events of a year, most of them in the order of their time, some hours late. Of 1,000 keys and 200 users
-- (few have most of it), 5,000 addresses; one event in fifty is refused, some actions are rare.
insert into audit_events (chain_seq, event_id, previous_hash, hash, body, stored_at, occurred_at, source, action, outcome,
  actor_user_id, actor_key_id, target_type, target_id, target_owner_id, request_id, trace_id)
select n, gen_random_uuid(), sha256(n::text::bytea), sha256((n + 1)::text::bytea),
  '{"filler":"' || repeat('0123456789abcdef', 55) || '"}',
  stored, stored - case when n % 1000 = 0 then interval '5 hours' else interval '1 second' end,
  case when n % 10 = 0 then 'gateway' else 'keys' end,
  case when n % 5003 = 0 then 'user.disabled' when n % 10 = 0 then 'auth.refused' when n % 5 = 0 then 'key.created'
    when n % 3 = 0 then 'key.rotated' else 'key.updated' end,
  case when n % 10 = 0 or n % 50 = 7 then 'refused' else 'success' end,
  uuid_of('user', acting % 200), uuid_of('key', acting), 'key', uuid_of('key', target)::text,
  uuid_of('user', target % 200), 'request-' || n, md5(n::text)
from (
  select n, now() - interval '365 days' * (1 - n / :count::float8) as stored,
    (1000 * power(random(), 3))::int as acting, (1000 * power(random(), 3))::int as target
  from generate_series(1, :count) as n
) as numbered;

insert into personal_values (chain_seq, name, value, salt)
select n, 'client_ip', '198.51.' || address / 250 || '.' || address % 250, sha256(n::text::bytea)
from (select n, (5000 * power(random(), 3))::int as address from generate_series(1, :count) as n) as addressed;
insert into personal_values (chain_seq, name, value, salt)
select n, 'user_agent', 'hokusai-cli/0.1.0 node/24.21.0', sha256(n::text::bytea) from generate_series(1, :count) as n;

update audit_head set chain_seq = :count, hash = sha256((:count + 1)::text::bytea);
