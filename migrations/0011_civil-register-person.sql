-- Up Migration

create table civil_register_person (
  document text primary key check (document ~ '^([0-9]{8}|[XYZ][0-9]{7})[A-Z]$'),
  given_name text not null,
  first_surname text not null,
  second_surname text,
  born_on date not null,
  deceased boolean not null default false,
  valid_until date,
  issued_on date,
  support_number text check (support_number ~ '^[EC][0-9]{8}$'),
  street text,
  postal_code text,
  town text,
  province text,
  updated_at timestamptz not null,
  -- A domicile is whole, or not known.
  check (num_nulls(street, postal_code, town, province) in (0, 4))
);

comment on table civil_register_person is 'The civil register, where this installation keeps a copy of its own.';
comment on column civil_register_person.document is 'personal: DNI or NIE in its normal form';
comment on column civil_register_person.given_name is 'personal: upper case, as on the card';
comment on column civil_register_person.first_surname is 'personal: upper case, as on the card';
comment on column civil_register_person.second_surname is 'personal: null where the person has one surname';
comment on column civil_register_person.born_on is 'personal: birth date';
comment on column civil_register_person.deceased is 'personal: died';
comment on column civil_register_person.valid_until is 'personal: validity date of a DNI; 9999-01-01 where it is permanent';
comment on column civil_register_person.issued_on is 'personal: issue date of a permanent DNI';
comment on column civil_register_person.support_number is 'personal: of the card, permit or certificate of a NIE';
comment on column civil_register_person.street is 'personal: tax domicile, street and number';
comment on column civil_register_person.postal_code is 'personal: tax domicile';
comment on column civil_register_person.town is 'personal: tax domicile';
comment on column civil_register_person.province is 'personal: tax domicile';
comment on column civil_register_person.updated_at is 'plain: last change of the row';
