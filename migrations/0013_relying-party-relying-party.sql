-- Up Migration

create table relying_party (
  id text primary key check (id ~ '^[A-Za-z0-9][A-Za-z0-9._-]{1,63}$'),
  name text not null check (name <> ''),
  sector text not null check (sector <> ''),
  least_level text not null check (least_level in ('low', 'substantial', 'high')),
  scopes text[] not null default '{}',
  home text,
  excluded text[] not null default '{}',
  oidc jsonb,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check (oidc is null or oidc ->> 'client_id' = id)
);

comment on table relying_party is 'The web applications of agencies. Rows are checked by the code that writes them: nothing is read that was not checked.';
comment on column relying_party.id is 'plain: also the client_id of OIDC';
comment on column relying_party.name is 'plain: as citizens read it';
comment on column relying_party.sector is 'plain: the public body; its applications see the same pairwise sub';
comment on column relying_party.least_level is 'plain: the least level it may be answered with';
comment on column relying_party.scopes is 'plain: what it may ask for beside openid';
comment on column relying_party.home is 'plain: where the citizen finds the agency';
comment on column relying_party.excluded is 'plain: methods it does not take';
comment on column relying_party.oidc is 'plain: client metadata (RFC 7591), of a secret only its SHA-256';
comment on column relying_party.created_at is 'plain: when it was registered';
comment on column relying_party.updated_at is 'plain: last change of the row';
