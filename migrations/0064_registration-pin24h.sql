-- Up Migration

create table pin24h_record (
  document text primary key check (document ~ '^([0-9]{8}|[XYZ][0-9]{7})[A-Z]$'),
  id uuid not null unique,
  contrast text check (contrast ~ '^([0-9]{4}-[0-9]{2}-[0-9]{2}|[EC]?[0-9]{8})$'),
  given_name text,
  first_surname text,
  second_surname text,
  phone text check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  email text,
  import_id uuid not null,
  imported_at timestamptz not null,
  migrated_at timestamptz,
  migrated_by text,
  -- What is known of a person goes with the record's use: from then on their registration says it.
  check (migrated_at is null or num_nonnulls(contrast, given_name, first_surname, second_surname, phone, email) = 0),
  check (migrated_at is not null or num_nulls(contrast, given_name, first_surname, phone) = 0),
  check (migrated_by is null or migrated_at is not null)
);
-- One mobile, one citizen: among those still to be migrated.
create unique index pin24h_record_phone on pin24h_record (phone) where migrated_at is null;
create index pin24h_record_import on pin24h_record (import_id);

comment on table pin24h_record is 'People of the older PIN 24 horas of the Tax Agency: no registration until they migrate.';
comment on column pin24h_record.document is 'personal: DNI or NIE in its normal form';
comment on column pin24h_record.id is 'personal: the citizen''s id from their registration on; the audit names them by it before';
comment on column pin24h_record.contrast is 'personal: as imported; a support number without its letter is one of either kind';
comment on column pin24h_record.given_name is 'personal: as imported, upper case';
comment on column pin24h_record.first_surname is 'personal: as imported, upper case';
comment on column pin24h_record.second_surname is 'personal: as imported, upper case; null where the person has one surname';
comment on column pin24h_record.phone is 'personal: mobile, E.164; who migrates proves it';
comment on column pin24h_record.email is 'personal: as imported; null where none is known';
comment on column pin24h_record.import_id is 'plain: the file that it came in';
comment on column pin24h_record.imported_at is 'plain: when';
comment on column pin24h_record.migrated_at is 'personal: since when its person is registered in Cl@ve, whichever way; it is used up';
comment on column pin24h_record.migrated_by is 'plain: the journey of registration that migrated it; null where they registered another way';
