-- Up Migration

-- No foreign key: what happened stays told when whom it was about is forgotten. The kinds are a table in code.
create table audit_event (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  kind text not null,
  citizen_id uuid,
  relying_party text,
  data jsonb not null
);
create index audit_event_citizen on audit_event (citizen_id, at desc, id desc) where citizen_id is not null;
comment on table audit_event is 'What citizens and those who act for them did, each in the act''s own transaction.';
comment on column audit_event.id is 'plain: number; drawn when written, so not in the order of commits';
comment on column audit_event.at is 'plain: when, on the hand of the clock that decides';
comment on column audit_event.kind is 'plain: what happened (docs/audit.md)';
comment on column audit_event.citizen_id is 'personal: whom it is about; null where nobody is proven';
comment on column audit_event.relying_party is 'plain: the agency where it happened';
comment on column audit_event.data is 'personal: the fields of its kind (docs/audit.md), the network address among them';

-- An event is laid here in the statement that writes it, and taken out in the transaction that seals it: whatever order
-- transactions commit in, each committed row is sealed once. No index: it holds the rows of a second. Never cut shorter by a
-- vacuum, which would lock the logins out for that.
create table audit_unsealed (
  id bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_analyze_threshold = 1000000,
  vacuum_truncate = false);
comment on table audit_unsealed is 'The events that no batch holds yet.';
comment on column audit_unsealed.id is 'plain: number of the event';

create table audit_batch (
  seq bigint primary key,
  previous bytea not null,
  root bytea not null,
  ids bigint[] not null,
  leaves bytea not null,
  sealed_at timestamptz not null,
  doubt text,
  kid text not null,
  hash bytea not null,
  signature bytea not null
);
comment on table audit_batch is 'The sealed chain: each batch names its rows and the batch before, and is signed.';
comment on column audit_batch.seq is 'plain: its place in the chain, from 1';
comment on column audit_batch.previous is 'plain: hash of the batch before; 32 zero octets in the first';
comment on column audit_batch.root is 'plain: Merkle root of the leaves (RFC 9162)';
comment on column audit_batch.ids is 'plain: numbers of its events, in their order';
comment on column audit_batch.leaves is 'plain: hash of each event, 32 octets each, in the same order';
comment on column audit_batch.sealed_at is 'plain: when it was sealed, wire time';
comment on column audit_batch.doubt is 'plain: what its sealer found wrong with the batch before';
comment on column audit_batch.kid is 'plain: key that signed it';
comment on column audit_batch.hash is 'plain: SHA-256 of all of this but the leaves';
comment on column audit_batch.signature is 'plain: ES256 over the same octets';

create table audit_key (
  kid text primary key,
  public_jwk jsonb not null
);
comment on table audit_key is 'Every key that ever signed a batch: signing_key forgets those long out of use.';
comment on column audit_key.kid is 'plain: thumbprint of the public key (RFC 7638)';
comment on column audit_key.public_jwk is 'plain: public key (RFC 7517)';

create table audit_head (
  only_one boolean primary key default true check (only_one),
  seq bigint not null,
  hash bytea not null
) with (fillfactor = 50);
comment on table audit_head is 'The end of the chain, as its sealer left it; no row before the first batch.';
comment on column audit_head.only_one is 'plain: always true';
comment on column audit_head.seq is 'plain: the last batch';
comment on column audit_head.hash is 'plain: its hash';

-- Server and worker write what happened and can never change it again.
do $$
declare
  application text := current_setting('clave.application_role');
begin
  execute format('revoke update, delete on audit_event, audit_batch, audit_key from %I', application);
  execute format('revoke update on audit_unsealed from %I', application);
  execute format('revoke delete on audit_head from %I', application);
end
$$;
