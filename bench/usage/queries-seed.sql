-- Fills an empty usage database with :count requests of a thousand keys over the last thirty days, in the order of
-- time. A few keys and a few endpoints have most of them, most answers are quick, and some take seconds.

select setseed(0.5);

insert into keys_projection (id, key_prefix, name, environment, user_id, is_active, version, first_version)
select gen_random_uuid(), 'hk_live_' || lpad(n::text, 12, '0'), 'key ' || n, 'live', users.ids[1 + n % 100], true, 1, 1
from generate_series(1, 1000) as n,
  (select array_agg(gen_random_uuid()) as ids from generate_series(1, 100)) as users;

select ensure_usage_partitions(array(
  select ((now() at time zone 'UTC')::date - n)::date from generate_series(0, 31) as n));

insert into api_key_usage (
  id, timestamp, api_key_id, user_id, secret_prefix, upstream, endpoint, method, status_code, refusal,
  response_time_ms, first_byte_ms, bytes_in, bytes_out, client_ip, user_agent_family, request_id, trace_id,
  incarnation, sequence)
select
  gen_random_uuid(), now() - interval '30 days' * (1 - n::double precision / :count), keys.ids[key_number],
  keys.users[key_number], keys.prefixes[key_number], 'mlflow', '/api/2.0/mlflow/endpoint-' || endpoint_number,
  case when endpoint_number % 3 = 0 then 'GET' else 'POST' end,
  case when fate < 0.96 then 200 when fate < 0.98 then 404 when fate < 0.99 then 429 else 500 end,
  case when fate >= 0.98 and fate < 0.99 then 'rate_limited' end,
  5 / (1 - slowness * 0.999), 4 / (1 - slowness * 0.999), 200 + n % 1000, 1200 + n % 50000,
  '192.0.2.' || (key_number % 250), 'mlflow-python-client', 'r-' || n, null,
  'b0000000-0000-4000-8000-000000000000', n
from (
  select n, 1 + floor(1000 * power(random(), 2))::integer as key_number,
    1 + floor(20 * power(random(), 2))::integer as endpoint_number, random() as fate, random() as slowness
  from generate_series(1, :count) as n
) as drawn,
(
  select array_agg(id order by name) as ids, array_agg(user_id order by name) as users,
    array_agg(key_prefix order by name) as prefixes
  from keys_projection
) as keys;

-- And some wrong keys, at all times.
insert into anonymous_refusals (reported_minute, minute, reason, client_ip, incarnation, count)
select minute, minute, reason, '198.51.100.' || n, 'b0000000-0000-4000-8000-000000000000', 3
from generate_series(date_trunc('hour', now()) - interval '30 days', now(), '30 minutes') as minute,
  generate_series(1, 20) as n, unnest(array['unknown_key', 'no_key']) as reason;

insert into usage_dirty_minutes (minute, marked_at)
select minute, '-infinity'::timestamptz from (
  select date_bin('1 minute', timestamp, 'epoch') as minute from api_key_usage
  union
  select minute from anonymous_refusals
) as stored;
