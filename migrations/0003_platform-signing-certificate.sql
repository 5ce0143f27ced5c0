-- Up Migration

-- The key that signs SAML messages lies beside those of the tokens; its peers know it by a certificate.
alter table signing_key drop constraint signing_key_alg_check;
alter table signing_key add constraint signing_key_alg_check check (alg in ('ES256', 'RS256', 'RS512'));
alter table signing_key add column certificate text;
alter table signing_key add constraint signing_key_certificate_check check ((alg = 'RS512') = (certificate is not null));
comment on column signing_key.alg is 'plain: JWS algorithm (RFC 7518); RS512 is the key that signs SAML messages';
comment on column signing_key.certificate is 'plain: self-signed X.509 certificate (PEM), published in the SAML metadata';
