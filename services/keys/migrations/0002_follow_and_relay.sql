-- Up Migration

-- How far the change log has been cut: rows of transactions below may be gone, so whoever has not heard
-- of everything below has to start afresh.
create table key_changes_trimmed (
  only_row boolean primary key default true check (only_row),
  below xid8 not null
);
insert into key_changes_trimmed (below) values ('0');
-- The log is read and cut by transaction, not by time.
drop index key_changes_at_idx;

-- A few rows that change each second: updated in place, with no index to keep up.
drop index gateways_last_ping_idx;
alter table gateways set (fillfactor = 50);

alter table outbox
  -- Events about the same thing go to one stream in their order.
  add column order_key text not null generated always as (
    split_part(subject, '.', 2) || ' ' ||
    coalesce(payload #>> '{data,key_id}', payload #>> '{data,target,id}', id::text)
  ) stored,
  -- A replica is publishing it; when that time has passed, another may.
  add column claimed_until timestamptz,
  -- When the audit log is to be asked next whether it has stored it.
  add column confirm_at timestamptz;
drop index outbox_unconfirmed_idx;
create index outbox_confirm_idx on outbox (confirm_at) where sent_at is not null;

do $$
begin
  execute format('grant select, update on key_changes_trimmed to %I', current_setting('hokusai.service_role'));
end $$;

-- Down Migration

drop index outbox_confirm_idx;
create index outbox_unconfirmed_idx on outbox (sent_at) where sent_at is not null and parked_at is null;
alter table outbox drop column confirm_at, drop column claimed_until, drop column order_key;
alter table gateways reset (fillfactor);
create index gateways_last_ping_idx on gateways (last_ping_at);
create index key_changes_at_idx on key_changes (at);
drop table key_changes_trimmed;
