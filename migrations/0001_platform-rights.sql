-- Up Migration

-- Server and worker connect as a role that may change rows but define nothing. Every table that a later migration makes
-- is theirs to read and write at once; a migration that means less (audit) takes rights away again.
do $$
declare
  application text := current_setting('clave.application_role');
begin
  execute format('grant usage on schema public to %I', application);
  execute format('alter default privileges in schema public grant select, insert, update, delete on tables to %I', application);
  execute format('alter default privileges in schema public grant usage, select on sequences to %I', application);
  execute format('alter default privileges in schema public grant execute on functions to %I', application);
  execute format('grant select on migration to %I', application);
end
$$;

comment on table migration is 'The migrations that ran, kept by node-pg-migrate.';
comment on column migration.id is 'plain: order of running';
comment on column migration.name is 'plain: file name without its ending';
comment on column migration.run_on is 'plain: when it ran';
