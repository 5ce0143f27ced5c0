-- Up Migration

-- The app shows a PIN in the place of an SMS, to a login of which it knows nothing: all that a new one is made from is here.
alter table one_time_code add column binding text;
alter table one_time_code add column relying_party text;
alter table one_time_code add column agency text;
alter table one_time_code add column shown_at timestamptz;
comment on column one_time_code.digest is 'plain: HMAC with a server key over binding and code; null where the code is made by the app';
comment on column one_time_code.binding is 'plain: HMAC with a server key over kind, login, browser and the citizen''s own characters; null where the code is made by an authenticator app';
comment on column one_time_code.relying_party is 'plain: which agency asks';
comment on column one_time_code.agency is 'plain: its name, as it was shown';
comment on column one_time_code.shown_at is 'plain: when the citizen''s phone showed a new code, the end of the one that was sent';

-- A phone knows its citizen, not the login, and without this it would read the codes of a whole day; so would what ends a
-- citizen's codes. Nothing that a try or a use changes stands in an index, so that those stay as cheap as they were.
create index one_time_code_citizen on one_time_code (citizen_id);

alter table one_time_code_allowance drop constraint one_time_code_allowance_kind_check;
alter table one_time_code_allowance add constraint one_time_code_allowance_kind_check
  check (kind in ('pin', 'permanente', 'password', 'device', 'shown-pin')) not valid;
comment on column one_time_code_allowance.kind is 'plain: as one_time_code.kind; shown-pin: PINs that the phone showed';

-- Twice a second each process asks which of the phones that listen has ended since it last asked. Phones that ended stay for
-- good, so that without this it would read them all; the active ones, which change with every login, are not in it.
create index device_ended on device (ended_at) where ended_at is not null;
