-- Up Migration

-- E-mail beside SMS in the same outbox. What still waits at its expiry is found by an index of its own, which costs the
-- SMS of a login nothing: while a mail server is away, e-mails of days lie there.
alter table outbox drop constraint outbox_channel_check;
alter table outbox add constraint outbox_channel_check check (channel in ('sms', 'email'));
create index outbox_email_expires on outbox (expires) where channel = 'email' and content is not null;
comment on column outbox.channel is 'plain: sms or email';
comment on column outbox.content is 'personal: recipient, text and attachments, envelope-encrypted; null once sent, failed or expired';
comment on column outbox.provider_id is 'plain: the provider''s name for it; of an e-mail its Message-ID';
