-- Up Migration

alter table civil_register_person
  add column iban text check (iban ~ '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$'),
  add column email text;
comment on column civil_register_person.iban is 'personal: account known to the Tax Agency, electronic format; null where none is known';
comment on column civil_register_person.email is 'personal: known to the Tax Agency; null where none is known';
