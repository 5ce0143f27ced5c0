-- Up Migration

alter table permanente_password add column warned smallint;
comment on column permanente_password.warned is 'plain: days before its end of the last warning that was sent; null: none yet';
create index permanente_password_expires_at on permanente_password (expires_at);
