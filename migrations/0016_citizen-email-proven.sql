-- Up Migration

alter table citizen add column email_proven_at timestamptz;
comment on column citizen.email_proven_at is 'personal: when its owner proved, by a code sent there, to read this address; null: never';
comment on column citizen.email is 'personal: as given at registration, or proven since';
