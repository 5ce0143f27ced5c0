-- Up Migration

create table permanente_password (
  citizen_id uuid primary key references citizen (id) on delete cascade,
  hash text not null,
  set_at timestamptz not null,
  expires_at timestamptz not null,
  blocked_at timestamptz
);
comment on table permanente_password is 'Passwords of Cl@ve Permanente: a row is an active Permanente.';
comment on column permanente_password.citizen_id is 'personal: whose password it is';
comment on column permanente_password.hash is 'plain: argon2id, PHC string; a secret, not about a person';
comment on column permanente_password.set_at is 'plain: when the citizen chose it';
comment on column permanente_password.expires_at is 'plain: from then on a new one is to be chosen';
comment on column permanente_password.blocked_at is 'plain: when failures blocked it';

create table permanente_totp (
  citizen_id uuid primary key references citizen (id) on delete cascade,
  sealed_secret text not null,
  last_step bigint not null
);
comment on table permanente_totp is 'Authenticator apps (RFC 6238) that citizens enrolled.';
comment on column permanente_totp.citizen_id is 'personal: whose app it is';
comment on column permanente_totp.sealed_secret is 'plain: shared secret, envelope-encrypted; a secret, not about a person';
comment on column permanente_totp.last_step is 'plain: time step of the last code taken; no code of it or before is taken again';
