-- Up Migration

create table activation_code (
  citizen_id uuid primary key references citizen (id) on delete cascade,
  digest text not null,
  issued_at timestamptz not null,
  expires_at timestamptz not null,
  failures smallint not null default 0,
  used_at timestamptz
);
comment on table activation_code is 'The code of the receipt of registration, which opens Cl@ve Permanente: one a citizen.';
comment on column activation_code.citizen_id is 'personal: whose code it is';
comment on column activation_code.digest is 'plain: HMAC with a server key over citizen and code';
comment on column activation_code.issued_at is 'personal: when the receipt was made';
comment on column activation_code.expires_at is 'plain: from then on it is dead';
comment on column activation_code.failures is 'personal: wrong tries';
comment on column activation_code.used_at is 'personal: when it was redeemed';
