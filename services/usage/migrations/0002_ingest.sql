-- Up Migration

-- The key's row is made before the rows that refer to it, and never removed. Looking it up for each of them again
-- takes more of Postgres' time than all the rest that it does with a row.
alter table api_key_usage drop constraint api_key_usage_api_key_id_fkey;

-- Rows come in tens of thousands a second. They are asked for by time, for the minutes that rollups don't hold yet
-- and to make rollups anew. A block range index costs next to nothing, and finds
-- minutes among rows that come nearly in order. Late ones don't spoil it: it keeps several spans for each range.
drop index api_key_usage_of_key_idx, api_key_usage_of_user_idx, api_key_usage_sequence_idx;
create index api_key_usage_time_idx on api_key_usage
  using brin (timestamp timestamptz_minmax_multi_ops) with (pages_per_range = 64, autosummarize = on);

-- Minutes whose rows have changed since their rollups were computed. Marked in the transaction that stores the rows.
create table usage_dirty_minutes (
  minute timestamptz primary key,
  marked_at timestamptz not null
);

-- Requests whose gateway's clock could not be believed, stored under the time of their arrival.
alter table ingested_ranges add column clock_corrections bigint not null default 0 check (clock_corrections >= 0);

-- What a gateway counts by its own clock stays apart by that; `minute` is when that was, as far as it can be believed.
alter table anonymous_refusals add column reported_minute timestamptz(0);
update anonymous_refusals set reported_minute = minute;
alter table anonymous_refusals
  alter column reported_minute set not null,
  drop constraint anonymous_refusals_pkey,
  add primary key (reported_minute, reason, client_ip, incarnation);
create index anonymous_refusals_minute_idx on anonymous_refusals (minute);

do $$
declare
  service_role text := current_setting('hokusai.service_role');
begin
  execute format('grant select, insert, update, delete on usage_dirty_minutes to %I', service_role);
end $$;

-- Down Migration

drop index anonymous_refusals_minute_idx;
with merged as (delete from anonymous_refusals returning *)
insert into anonymous_refusals (reported_minute, minute, reason, client_ip, incarnation, count)
select minute, minute, reason, client_ip, incarnation, sum(count) from merged group by 2, 3, 4, 5;
alter table anonymous_refusals
  drop constraint anonymous_refusals_pkey,
  drop column reported_minute;
alter table anonymous_refusals add primary key (minute, reason, client_ip, incarnation);
alter table ingested_ranges drop column clock_corrections;
drop table usage_dirty_minutes;
drop index api_key_usage_time_idx;
create index api_key_usage_of_key_idx on api_key_usage (api_key_id, timestamp);
create index api_key_usage_of_user_idx on api_key_usage (user_id, timestamp);
create index api_key_usage_sequence_idx on api_key_usage (incarnation, sequence);
alter table api_key_usage add foreign key (api_key_id) references keys_projection (id);
