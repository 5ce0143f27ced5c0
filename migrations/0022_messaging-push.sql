-- Up Migration

-- Push beside SMS and e-mail in the same outbox.
alter table outbox drop constraint outbox_channel_check;
alter table outbox add constraint outbox_channel_check check (channel in ('sms', 'email', 'push')) not valid;
comment on column outbox.channel is 'plain: sms, email or push';
comment on column outbox.content is 'personal: recipient (of a push message the subscription), text and attachments, envelope-encrypted; null once sent, failed or expired';
comment on column outbox.provider_id is 'plain: the provider''s name for it; of an e-mail its Message-ID; null for push';

-- What a citizen was sent is part of what they may download. Without the SMS of logins, which would pay for it each time, at
-- a page of its own for each citizen; of those the logins themselves tell.
create index outbox_citizen on outbox (citizen) where channel <> 'sms';

-- Browsers bind each subscription to this key, so there is one for ever.
create table push_key (
  one boolean primary key default true check (one),
  public_key text not null,
  sealed_private_key text not null,
  created_at timestamptz not null
);
comment on table push_key is 'The key by which push services know us (RFC 8292).';
comment on column push_key.one is 'plain: there is one row';
comment on column push_key.public_key is 'plain: P-256 point, uncompressed, base64url; browsers subscribe with it';
comment on column push_key.sealed_private_key is 'plain: private key, base64url, envelope-encrypted; a secret, not about a person';
comment on column push_key.created_at is 'plain: when it was made';
