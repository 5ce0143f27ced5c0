-- Up Migration

create table failure (
  subject text not null,
  factor text not null check (factor in ('contrast', 'password', 'code')),
  known boolean not null,
  failures integer not null,
  last_at timestamptz not null,
  refused_until timestamptz,
  primary key (subject, factor, known)
);
create index failure_last_at on failure (last_at);

comment on table failure is 'Wrong tries for a document since the last success, apart for browsers known and unknown to it.';
comment on column failure.subject is 'personal: keyed digest of the document';
comment on column failure.factor is 'plain: what was guessed at';
comment on column failure.known is 'plain: whether by browsers that completed a login of the citizen';
comment on column failure.failures is 'personal: how many';
comment on column failure.last_at is 'personal: when the last one was';
comment on column failure.refused_until is 'personal: until when such browsers are refused';

create table known_browser (
  subject text not null,
  browser text not null,
  last_seen timestamptz not null,
  primary key (subject, browser)
);
create index known_browser_last_seen on known_browser (last_seen);

comment on table known_browser is 'Browsers that completed a login of a citizen.';
comment on column known_browser.subject is 'personal: keyed digest of the document';
comment on column known_browser.browser is 'personal: digest of the cookie of the browser';
comment on column known_browser.last_seen is 'personal: last login, to the day';
