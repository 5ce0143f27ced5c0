-- Up Migration

-- Logout requests that name nobody and bring no certificate are found by the address that they want their answer at.
create index relying_party_saml_logout on relying_party using gin ((saml -> 'logout'));
create index relying_party_saml_acs on relying_party using gin ((saml -> 'acs') jsonb_path_ops);
