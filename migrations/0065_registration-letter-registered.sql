-- Up Migration

-- A letter that is still alive when its person registers another way ends there.
alter table letter drop constraint letter_killed_why_check;
alter table letter add constraint letter_killed_why_check
  check (killed_why in ('newer', 'wrong-csv', 'expired', 'renuncia', 'undeliverable', 'registered'));
