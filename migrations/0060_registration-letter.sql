-- Up Migration

create table letter_batch (
  id uuid primary key,
  made_at timestamptz not null,
  sealed_at timestamptz,
  acknowledged_at timestamptz,
  removed_at timestamptz,
  check (acknowledged_at is null or sealed_at is not null),
  check (removed_at is null or acknowledged_at is not null)
);
create index letter_batch_unfinished on letter_batch (made_at) where removed_at is null;
comment on table letter_batch is 'Letters that lie in the spool of the printer together, under one manifest.';
comment on column letter_batch.id is 'plain: also its directory in the spool';
comment on column letter_batch.made_at is 'plain: when it was begun';
comment on column letter_batch.sealed_at is 'plain: since then what it holds is settled, and its manifest may lie beside it';
comment on column letter_batch.acknowledged_at is 'plain: when the printer was found to have taken it over';
comment on column letter_batch.removed_at is 'plain: when its files were removed';

create table letter (
  id uuid primary key,
  document text not null check (document ~ '^([0-9]{8}|[XYZ][0-9]{7})[A-Z]$'),
  locale text not null,
  asked_at timestamptz not null,
  due timestamptz not null,
  batch uuid references letter_batch (id),
  sha256 text,
  csv_digest text,
  made_at timestamptz,
  expires_at timestamptz,
  failures smallint not null default 0,
  reminded_at timestamptz,
  used_at timestamptz,
  used_by text,
  killed_at timestamptz,
  killed_why text check (killed_why in ('newer', 'wrong-csv', 'expired', 'renuncia', 'undeliverable')),
  -- A letter has its CSV, its day and its end, or is still to be made.
  check (num_nulls(csv_digest, made_at, expires_at) in (0, 3)),
  check ((killed_at is null) = (killed_why is null)),
  check ((used_at is null) = (used_by is null)),
  check (used_at is null or killed_at is null)
);
-- One alive letter a person.
create unique index letter_alive on letter (document) where used_at is null and killed_at is null;
create index letter_due on letter (due) where batch is null and made_at is null and used_at is null and killed_at is null;
create index letter_of_batch on letter (batch);
create index letter_asked on letter (asked_at);
comment on table letter is 'Invitation letters to the tax domicile, from the request to their end.';
comment on column letter.id is 'plain: ours; also the name of its file in the spool';
comment on column letter.document is 'personal: who asked for it';
comment on column letter.locale is 'personal: the language it is written in';
comment on column letter.asked_at is 'personal: when it was asked for';
comment on column letter.due is 'plain: when it is to be made';
comment on column letter.batch is 'plain: the batch it is made in';
comment on column letter.sha256 is 'plain: of its file in the spool, hex';
comment on column letter.csv_digest is 'plain: HMAC with a server key over document and CSV';
comment on column letter.made_at is 'plain: when it was made and its CSV drawn';
comment on column letter.expires_at is 'plain: from then on it is worthless';
comment on column letter.failures is 'personal: wrong CSVs typed against it';
comment on column letter.reminded_at is 'plain: when its person was reminded of it by e-mail';
comment on column letter.used_at is 'personal: when its CSV was accepted';
comment on column letter.used_by is 'plain: the journey of registration that used it up';
comment on column letter.killed_at is 'personal: when it became worthless before it was used';
comment on column letter.killed_why is 'personal: why';

create table letter_allowance (
  subject text primary key,
  asked_at timestamptz[] not null
);
comment on table letter_allowance is 'When a person last asked for letters: decides how many there may be in a quarter.';
comment on column letter_allowance.subject is 'personal: keyed digest of the document';
comment on column letter_allowance.asked_at is 'personal: instants of the last requests, oldest first';
