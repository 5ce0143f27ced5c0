-- Up Migration

create table phone_code (
  journey text primary key,
  digest text not null,
  expires_at timestamptz not null,
  failures smallint not null default 0,
  used_at timestamptz
) with (fillfactor = 80);
create index phone_code_expires on phone_code (expires_at);
comment on table phone_code is 'The one alive code by which a mobile phone is proven. Swept after its time.';
comment on column phone_code.journey is 'plain: opaque identifier of what it is proven for';
comment on column phone_code.digest is 'plain: HMAC with a server key over journey, phone and code';
comment on column phone_code.expires_at is 'plain: from then on it is dead';
comment on column phone_code.failures is 'plain: wrong tries';
comment on column phone_code.used_at is 'plain: when it was redeemed';

create table phone_code_allowance (
  subject text primary key,
  sent_at timestamptz[] not null
) with (fillfactor = 80);
comment on table phone_code_allowance is 'When such codes were last sent: decides how many there may be in any hour.';
comment on column phone_code_allowance.subject is 'personal: keyed digest of a document or of a phone';
comment on column phone_code_allowance.sent_at is 'personal: instants of the last codes, oldest first';
