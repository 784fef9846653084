-- Up Migration

-- Lists of users are newest first. Whatever they are filtered by has an index in that order, so that no page
-- is looked for among users who don't match, however the roles and the disabled are spread.
create index users_email_idx on users (lower(email), created_at desc, id desc) where email is not null;
create index users_role_idx on users (role, created_at desc, id desc);
create index users_active_idx on users (created_at desc, id desc) where disabled_at is null;
create index users_disabled_idx on users (created_at desc, id desc) where disabled_at is not null;
create index users_active_role_idx on users (role, created_at desc, id desc) where disabled_at is null;
create index users_disabled_role_idx on users (role, created_at desc, id desc) where disabled_at is not null;

-- Down Migration

drop index users_email_idx, users_role_idx, users_active_idx, users_disabled_idx, users_active_role_idx,
  users_disabled_role_idx;
