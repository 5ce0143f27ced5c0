#!/bin/sh
# Run once by the postgres image, on an empty data directory: the owner of the tables, who migrates, and the role of the
# application, which gets its rights on rows from the migrations. See docs/runbooks/database-roles.md.
set -eu
: "${OWNER_PASSWORD:?is missing in .env}" "${APPLICATION_PASSWORD:?is missing in .env}"
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set owner_password="$OWNER_PASSWORD" --set application_password="$APPLICATION_PASSWORD" <<'SQL'
create role clave_owner login password :'owner_password';
create role clave login password :'application_password';
create database clave owner clave_owner encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' template template0;
SQL
