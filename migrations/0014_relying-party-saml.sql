-- Up Migration

alter table relying_party
  add column saml jsonb,
  add column saml_metadata_due timestamptz,
  add check (oidc is null or saml is null);
comment on column relying_party.saml is 'plain: how it speaks SAML: names, certificates, addresses';
comment on column relying_party.saml_metadata_due is 'plain: when its metadata are read again from their address';

-- Logout requests that name nobody are found by the certificate that verifies them.
create index relying_party_saml_certificate on relying_party using gin ((saml -> 'certificates') jsonb_path_ops);
create index relying_party_saml_metadata_due on relying_party (saml_metadata_due) where saml_metadata_due is not null;

create table relying_party_saml_name (
  name text primary key,
  relying_party text not null references relying_party on delete cascade
);
create index relying_party_saml_name_relying_party on relying_party_saml_name (relying_party);
comment on table relying_party_saml_name is 'ProviderNames, entityIDs and aliases: what one relying party is called by, no other can claim.';
comment on column relying_party_saml_name.name is 'plain: ProviderName without application, entityID or alias';
comment on column relying_party_saml_name.relying_party is 'plain: whose name it is';
