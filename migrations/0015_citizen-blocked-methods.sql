-- Up Migration

alter table citizen add column blocked_methods text[] not null default '{}';
-- Not valid: it holds for every row from now on, and those of before have none; looking at them would hold all logins up.
alter table citizen add constraint citizen_blocked_methods_check
  check (blocked_methods <@ array['pin', 'permanente', 'movil', 'certificate']) not valid;
comment on column citizen.blocked_methods is 'personal: methods that the citizen blocked for themselves: refused everywhere';
