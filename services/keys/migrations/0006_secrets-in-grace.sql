-- Up Migration

-- A key that is rotated often has thousands of retired secrets, of which a few are accepted.
create index retired_secrets_in_grace_idx on retired_secrets (key_id, valid_until);

-- Down Migration

drop index retired_secrets_in_grace_idx;
