-- Up Migration

-- Since when the database has been what it is. After a restart, failover or restore its epoch is another one,
-- and gateways may have followed the former database that this one does not know of.
create table database_epoch (
  only_row boolean primary key default true check (only_row),
  -- Empty until the service has seen the first one.
  epoch text not null,
  -- When the epoch was first seen; -infinity: no other was before.
  since timestamptz not null
);
insert into database_epoch (epoch, since)
select '', case when exists (select from gateways) then clock_timestamp() else '-infinity' end;

do $$
begin
  execute format('grant select, update on database_epoch to %I', current_setting('hokusai.service_role'));
end $$;

-- Down Migration

drop table database_epoch;
