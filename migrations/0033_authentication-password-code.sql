-- Up Migration

alter table one_time_code drop constraint one_time_code_kind_check;
alter table one_time_code add constraint one_time_code_kind_check
  check (kind in ('pin', 'permanente', 'totp', 'password'));
comment on column one_time_code.kind is 'plain: pin; permanente: the code that steps a password up, by SMS; totp: the tries of an authenticator app''s code; password: the code that stands before a new password';
comment on column one_time_code.login is 'plain: opaque identifier of the login, or of the way to a new password';

alter table one_time_code_allowance drop constraint one_time_code_allowance_kind_check;
alter table one_time_code_allowance add constraint one_time_code_allowance_kind_check
  check (kind in ('pin', 'permanente', 'password'));
