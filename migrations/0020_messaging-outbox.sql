-- Up Migration

-- What is still to be sent has content; the state says how it went. A claim changes nothing that is indexed, so that it
-- costs no new index entry; of the day of laying an index of ranges is enough, which costs next to nothing.
create table outbox (
  id uuid primary key,
  channel text not null check (channel in ('sms')),
  citizen uuid,
  content text,
  state text not null default 'queued'
    check (state in ('queued', 'sending', 'sent', 'delivered', 'failed', 'expired', 'dropped')),
  attempts integer not null default 0,
  due timestamptz not null,
  claimed_until timestamptz,
  expires timestamptz not null,
  provider_id text,
  reason text,
  created_at timestamptz not null,
  sent_at timestamptz,
  check (content is null or state in ('queued', 'sending'))
) with (fillfactor = 70);
create index outbox_due on outbox (due) where content is not null;
create index outbox_provider on outbox (provider_id) where provider_id is not null;
create index outbox_created on outbox using brin (created_at);
comment on table outbox is 'Messages to citizens, from the transaction that decided on them to the provider.';
comment on column outbox.id is 'plain: digest of the key by which the message is laid once';
comment on column outbox.channel is 'plain: sms';
comment on column outbox.citizen is 'personal: to whom it goes; null where nobody is proven';
comment on column outbox.content is 'personal: recipient and text, envelope-encrypted; null once sent, failed or expired';
comment on column outbox.state is 'plain: how far it is';
comment on column outbox.attempts is 'plain: times that a worker took it; names the claim';
comment on column outbox.due is 'plain: when it is to be tried';
comment on column outbox.claimed_until is 'plain: until when the worker that took it is left alone with it';
comment on column outbox.expires is 'plain: never sent after this';
comment on column outbox.provider_id is 'plain: the provider''s name for it';
comment on column outbox.reason is 'plain: code of the last refusal or of the receipt';
comment on column outbox.created_at is 'plain: when it was laid';
comment on column outbox.sent_at is 'plain: when the provider accepted it';
