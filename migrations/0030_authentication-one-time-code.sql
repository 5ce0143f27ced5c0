-- Up Migration

-- No foreign key to the citizen: the row lives for minutes, its citizen was just read, and the check would lock and rewrite
-- the citizen's row with every PIN.
create table one_time_code (
  login text not null,
  kind text not null check (kind in ('pin', 'permanente', 'totp')),
  citizen_id uuid not null,
  digest text,
  expires_at timestamptz not null,
  failures smallint not null default 0,
  used_at timestamptz,
  primary key (login, kind),
  check ((digest is null) = (kind = 'totp'))
) with (fillfactor = 80);
comment on table one_time_code is 'The one alive code of a login and kind: a new one takes the place of the older. Swept after its time.';
comment on column one_time_code.login is 'plain: opaque identifier of the login';
comment on column one_time_code.kind is 'plain: pin; permanente: the code that steps a password up, by SMS; totp: the tries of an authenticator app''s code';
comment on column one_time_code.citizen_id is 'personal: whose code it is';
comment on column one_time_code.digest is 'plain: HMAC with a server key over login, browser and code; null where the code is made by the app';
comment on column one_time_code.expires_at is 'plain: from then on it is dead';
comment on column one_time_code.failures is 'plain: wrong tries';
comment on column one_time_code.used_at is 'plain: when it was redeemed';

create table one_time_code_allowance (
  citizen_id uuid not null references citizen (id) on delete cascade,
  kind text not null check (kind in ('pin', 'permanente')),
  sent_at timestamptz[] not null,
  primary key (citizen_id, kind)
) with (fillfactor = 80);
comment on table one_time_code_allowance is 'When a citizen last had codes sent: decides how many there may be in any hour.';
comment on column one_time_code_allowance.citizen_id is 'personal: who asked for the codes';
comment on column one_time_code_allowance.kind is 'plain: as one_time_code.kind';
comment on column one_time_code_allowance.sent_at is 'personal: instants of the last codes, oldest first, never more than an hour may have';
