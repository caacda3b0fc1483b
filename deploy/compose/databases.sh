#!/bin/bash
# One database and one role for each service, made when PostgreSQL's data folder is new.
set -euo pipefail
for service in identity notifier catalog delivery; do
    psql --set ON_ERROR_STOP=1 --quiet --set service="$service" \
        --set password="$(cat "/run/secrets/newsreel/$service")" <<'SQL'
CREATE ROLE :"service" LOGIN PASSWORD :'password';
CREATE DATABASE :"service" OWNER :"service";
SQL
done
