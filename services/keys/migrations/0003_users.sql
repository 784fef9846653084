-- Up Migration

create index users_email_idx on users (lower(email), created_at desc, id desc) where email is not null;

-- Lists are newest first. Each filter, and each pair of them, has an index of just those who match, in that
-- order: so no page is looked for among others, however roles and the disabled are spread. All of them lead
-- with the time, since Postgres would take an index that leads with the role for scattered, and rather walk
-- through those who don't match.
do $$
declare
  role text;
  state text;
begin
  foreach state in array array['active', 'disabled'] loop
    execute format('create index users_%s_idx on users (created_at desc, id desc) where disabled_at is %s',
      state, case state when 'active' then 'null' else 'not null' end);
  end loop;
  foreach role in array array['member', 'admin'] loop
    execute format('create index users_%s_idx on users (created_at desc, id desc) where role = %L', role, role);
    foreach state in array array['active', 'disabled'] loop
      execute format(
        'create index users_%s_%s_idx on users (created_at desc, id desc) where role = %L and disabled_at is %s',
        state, role, role, case state when 'active' then 'null' else 'not null' end);
    end loop;
  end loop;
end $$;

-- Down Migration

drop index users_email_idx, users_active_idx, users_disabled_idx, users_member_idx, users_admin_idx,
  users_active_member_idx, users_disabled_member_idx, users_active_admin_idx, users_disabled_admin_idx;
