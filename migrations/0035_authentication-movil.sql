-- Up Migration

create table device (
  id uuid primary key,
  citizen_id uuid not null references citizen (id) on delete cascade,
  key_x text not null,
  key_y text not null,
  name text not null,
  activated_at timestamptz not null,
  last_used_at timestamptz,
  credential_id text,
  credential_key text,
  credential_counter bigint,
  denials smallint not null default 0,
  ended_at timestamptz,
  ended_why text check (ended_why in ('another', 'by-citizen', 'not-me', 'renuncia')),
  check ((credential_id is null) = (credential_key is null) and (credential_id is null) = (credential_counter is null)),
  check ((ended_at is null) = (ended_why is null))
);
-- One active device per citizen, whoever activates how many at once.
create unique index device_active on device (citizen_id) where ended_at is null;
comment on table device is 'Phones with Cl@ve Móvil. One that ended stays, since requests and the audit name it.';
comment on column device.id is 'plain: ours';
comment on column device.citizen_id is 'personal: whose phone it is';
comment on column device.key_x is 'personal: public key of the phone (P-256), base64url';
comment on column device.key_y is 'personal: as key_x';
comment on column device.name is 'personal: kind of phone and browser, as its owner recognises it';
comment on column device.activated_at is 'plain: since when it counts';
comment on column device.last_used_at is 'personal: when it last decided on a request';
comment on column device.credential_id is 'personal: WebAuthn credential of the phone''s own unlock; null: it has none';
comment on column device.credential_key is 'personal: its public key, COSE, base64url';
comment on column device.credential_counter is 'plain: its signature counter';
comment on column device.denials is 'plain: requests denied in a row';
comment on column device.ended_at is 'plain: from then on nothing from it counts';
comment on column device.ended_why is 'plain: another: a newer phone took its place';

create table movil_request (
  id text primary key,
  login text not null,
  browser text not null,
  path text not null check (path in ('qr', 'document', 'same')),
  citizen_id uuid,
  device_id uuid references device (id),
  relying_party text not null,
  agency text not null,
  application text,
  asked text[] not null,
  address text not null,
  agent text not null,
  asked_at timestamptz not null,
  expires_at timestamptz not null,
  changed_at timestamptz not null,
  failures smallint not null default 0,
  decision text check (decision in ('approve', 'deny', 'report', 'refuse')),
  refused text,
  unlocked boolean not null default false,
  ended_at timestamptz,
  used_at timestamptz,
  check ((decision = 'refuse') = (refused is not null)),
  check (used_at is null or decision is not null)
) with (fillfactor = 70);
create index movil_request_changed on movil_request (changed_at);
create index movil_request_pending on movil_request (citizen_id) where decision is null and ended_at is null;
create index movil_request_device on movil_request (device_id) where decision is null and ended_at is null;
comment on table movil_request is 'What a login asks of a phone: decided once, and used once. Swept a day after its time.';
comment on column movil_request.id is 'plain: 128 random bits';
comment on column movil_request.login is 'plain: opaque identifier of the login';
comment on column movil_request.browser is 'personal: digest of the cookie of the browser that waits';
comment on column movil_request.path is 'plain: how it came to the phone';
comment on column movil_request.citizen_id is 'personal: who is asked';
comment on column movil_request.device_id is 'personal: the phone that is asked; null: a decoy, since there is none or it must scan';
comment on column movil_request.relying_party is 'plain: which agency asks';
comment on column movil_request.agency is 'plain: its name, as it was shown';
comment on column movil_request.application is 'plain: its application, as it was shown';
comment on column movil_request.asked is 'plain: levels that the agency takes';
comment on column movil_request.address is 'personal: network address of the browser that waits';
comment on column movil_request.agent is 'personal: kind of that browser';
comment on column movil_request.asked_at is 'plain: when the phone was asked';
comment on column movil_request.expires_at is 'plain: from then on it cannot be decided';
comment on column movil_request.changed_at is 'plain: last change that the page which waits wants to know';
comment on column movil_request.failures is 'plain: wrong codes typed in the phone';
comment on column movil_request.decision is 'plain: what the phone answered; refuse: the rules did, before it could';
comment on column movil_request.refused is 'plain: code of that refusal';
comment on column movil_request.unlocked is 'plain: the phone''s own unlock was proven with the approval';
comment on column movil_request.ended_at is 'plain: a newer request took its place, or its login was cancelled';
comment on column movil_request.used_at is 'plain: when the login took the decision';

create table movil_allowance (
  citizen_id uuid primary key references citizen (id) on delete cascade,
  asked_at timestamptz[] not null
) with (fillfactor = 80);
comment on table movil_allowance is 'When a citizen was last asked without having scanned: decides how many requests there may be.';
comment on column movil_allowance.citizen_id is 'personal: who was asked';
comment on column movil_allowance.asked_at is 'personal: instants of the last requests, oldest first';

alter table one_time_code drop constraint one_time_code_kind_check;
alter table one_time_code add constraint one_time_code_kind_check
  check (kind in ('pin', 'permanente', 'totp', 'password', 'device')) not valid;
comment on column one_time_code.kind is 'plain: pin; permanente: the code that steps a password up, by SMS; totp: the tries of an authenticator app''s code; password: the code that stands before a new password; device: before Cl@ve Móvil on a phone';
comment on column one_time_code.login is 'plain: opaque identifier of the login, of the way to a new password, or of the activation of a phone';

alter table one_time_code_allowance drop constraint one_time_code_allowance_kind_check;
alter table one_time_code_allowance add constraint one_time_code_allowance_kind_check
  check (kind in ('pin', 'permanente', 'password', 'device')) not valid;

create table device_subscription (
  device_id uuid primary key references device (id) on delete cascade,
  sealed text not null,
  endpoint text not null,
  at timestamptz not null
);
create index device_subscription_endpoint on device_subscription (endpoint);
comment on table device_subscription is 'Where phones are pushed to (RFC 8030).';
comment on column device_subscription.device_id is 'personal: whose phone it is';
comment on column device_subscription.sealed is 'personal: address and keys, envelope-encrypted';
comment on column device_subscription.endpoint is 'plain: digest of the address, by which a dead one is dropped';
comment on column device_subscription.at is 'plain: when the phone said so';
