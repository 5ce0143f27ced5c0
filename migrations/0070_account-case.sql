-- Up Migration

create table account_case (
  id uuid primary key,
  citizen_id uuid not null references citizen (id) on delete cascade,
  event_id bigint not null unique,
  method text check (method in ('pin', 'permanente', 'movil', 'certificate')),
  opened_at timestamptz not null
);
create index account_case_citizen on account_case (citizen_id, opened_at desc);
comment on table account_case is 'What citizens said was not them ("this was not me"): one case an event.';
comment on column account_case.id is 'plain: ours';
comment on column account_case.citizen_id is 'personal: who said it';
comment on column account_case.event_id is 'plain: number of the audit event that they meant';
comment on column account_case.method is 'personal: the method that was blocked for it; null: none was known';
comment on column account_case.opened_at is 'plain: when';
