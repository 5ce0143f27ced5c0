-- Up Migration

create table citizen (
  id uuid primary key,
  document text not null unique check (document ~ '^([0-9]{8}|[XYZ][0-9]{7})[A-Z]$'),
  kind text not null check (kind in ('dni', 'nie')),
  given_name text not null,
  first_surname text not null,
  second_surname text,
  valid_until date,
  issued_on date,
  support_number text check (support_number ~ '^[EC][0-9]{8}$'),
  phone text check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  email text,
  locale text not null,
  registration_level text check (registration_level in ('basic', 'advanced')),
  registration_channel text check (registration_channel in ('letter', 'video', 'certificate', 'in_person', 'pin24h')),
  registered_at timestamptz,
  renounced_at timestamptz,
  deceased boolean not null default false,
  updated_at timestamptz not null,
  -- A registration has its level, its channel and its instant, or there is none.
  check (num_nulls(registration_level, registration_channel, registered_at) in (0, 3))
);
-- One mobile, one citizen: among those registered.
create unique index citizen_phone on citizen (phone) where registration_level is not null;

comment on table citizen is 'The people Cl@ve knows: registered, or registered once.';
comment on column citizen.id is 'personal: ours, for life; never leaves the service';
comment on column citizen.document is 'personal: DNI or NIE in its normal form';
comment on column citizen.kind is 'personal: dni or nie';
comment on column citizen.given_name is 'personal: upper case, as on the card';
comment on column citizen.first_surname is 'personal: upper case, as on the card';
comment on column citizen.second_surname is 'personal: null where the person has one surname';
comment on column citizen.valid_until is 'personal: validity date of a DNI; 9999-01-01 where it is permanent';
comment on column citizen.issued_on is 'personal: issue date of a DNI; the contrast where it is permanent';
comment on column citizen.support_number is 'personal: of the card, permit or certificate of a NIE';
comment on column citizen.phone is 'personal: mobile, E.164';
comment on column citizen.email is 'personal: as given at registration';
comment on column citizen.locale is 'personal: language of messages';
comment on column citizen.registration_level is 'personal: null: not registered';
comment on column citizen.registration_channel is 'personal: the way of registering';
comment on column citizen.registered_at is 'personal: since when registered';
comment on column citizen.renounced_at is 'personal: when the registration was given up (renuncia)';
comment on column citizen.deceased is 'personal: died, says the civil register';
comment on column citizen.updated_at is 'plain: last change of the row';
