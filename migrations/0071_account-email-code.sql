-- Up Migration

create table account_email_code (
  citizen_id uuid primary key references citizen (id) on delete cascade,
  browser text not null,
  sealed_address text not null,
  digest text not null,
  expires_at timestamptz not null,
  failures smallint not null default 0,
  used_at timestamptz,
  sent_at timestamptz[] not null
) with (fillfactor = 80);
create index account_email_code_expires on account_email_code (expires_at);
comment on table account_email_code is 'The one alive code by which a citizen proves an e-mail address in Mi Cl@ve. Swept after its time.';
comment on column account_email_code.citizen_id is 'personal: who proves it';
comment on column account_email_code.browser is 'personal: digest of the cookie of the browser that asked for it';
comment on column account_email_code.sealed_address is 'personal: the address to be proven, envelope-encrypted';
comment on column account_email_code.digest is 'plain: HMAC with a server key over citizen, browser and code';
comment on column account_email_code.expires_at is 'plain: from then on it is dead';
comment on column account_email_code.failures is 'plain: wrong tries';
comment on column account_email_code.used_at is 'plain: when it was redeemed';
comment on column account_email_code.sent_at is 'personal: instants of the last codes, oldest first: decides how many there may be in any hour';
