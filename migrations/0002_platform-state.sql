-- Up Migration

create table once (
  kind text not null,
  id text not null,
  expires timestamptz not null,
  primary key (kind, id)
);
create index once_expires on once (expires);
comment on table once is 'What must not happen twice: the first insert of (kind, id) wins.';
comment on column once.kind is 'plain: what happens once';
comment on column once.id is 'plain: opaque identifier of the thing (code, jti)';
comment on column once.expires is 'plain: wire time after which the row may be swept';

create table signing_key (
  kid text primary key,
  alg text not null check (alg in ('ES256', 'RS256')),
  state text not null check (state in ('next', 'current', 'previous')),
  public_jwk jsonb not null,
  sealed_private_jwk text not null,
  created timestamptz not null,
  retired timestamptz,
  check ((state = 'previous') = (retired is not null))
);
-- One key a state and algorithm: what several instances do at once is decided here. Of previous ones there may be more,
-- until their grace is over.
create unique index signing_key_current on signing_key (alg) where state = 'current';
create unique index signing_key_next on signing_key (alg) where state = 'next';
comment on table signing_key is 'Keys that sign what goes out: next is published ahead of use, previous still verifies.';
comment on column signing_key.kid is 'plain: thumbprint of the public key (RFC 7638)';
comment on column signing_key.alg is 'plain: JWS algorithm (RFC 7518)';
comment on column signing_key.state is 'plain: next, current or previous';
comment on column signing_key.public_jwk is 'plain: public key (RFC 7517)';
comment on column signing_key.sealed_private_jwk is 'plain: private key (RFC 7517), envelope-encrypted; a secret, not about a person';
comment on column signing_key.created is 'plain: when it was made';
comment on column signing_key.retired is 'plain: when it became previous';

-- UNLOGGED: what is here may be lost at the price of logging in again, and so costs no write-ahead log.
create unlogged table ephemeral (
  key text primary key,
  value text not null,
  revision text not null,
  expires timestamptz not null,
  groups text[] not null default '{}'
) with (fillfactor = 70);
create index ephemeral_expires on ephemeral (expires);
-- Only few entries are in a group: the others do not pay for the index.
create index ephemeral_groups on ephemeral using gin (groups) with (fastupdate = off) where groups <> '{}';
comment on table ephemeral is 'Ephemeral store, driver postgres: protocol transactions, logins, gateway sessions.';
comment on column ephemeral.key is 'plain: opaque key';
comment on column ephemeral.value is 'personal: JSON, what a login or session under way knows of the citizen';
comment on column ephemeral.revision is 'plain: changes with each write, for compare-and-set';
comment on column ephemeral.expires is 'plain: deadline on the hand of the clock that decides';
comment on column ephemeral.groups is 'plain: opaque names under which entries are dropped together';

create unlogged table ephemeral_window (
  key text primary key,
  count integer not null,
  ends timestamptz not null
) with (fillfactor = 70);
create index ephemeral_window_ends on ephemeral_window (ends);
comment on table ephemeral_window is 'Ephemeral store, driver postgres: how often something happened in a window of time.';
comment on column ephemeral_window.key is 'plain: opaque key (addresses only as digests)';
comment on column ephemeral_window.count is 'plain: how often';
comment on column ephemeral_window.ends is 'plain: end of the window on the hand of the clock that decides';
