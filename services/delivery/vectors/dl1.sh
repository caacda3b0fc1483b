#!/bin/sh
# The signature that a dl1 URL must carry: dl1.sh HOST PATH QUERY KEY-IN-HEX. Needs openssl.
set -eu
host=$1 path=$2 query=$3 key=$4
of() { printf '%s' "$query" | tr '&' '\n' | sed -n "s/^$1=//p"; }
printf 'dl1\nGET\n%s\n%s\n%s\n%s\n%s\n%s\n%s' \
  "$host" "$path" "$(of e)" "$(of n)" "$(of k)" "$(of g)" "$(of d)" |
  openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | openssl base64 -A | tr '+/' '-_' | tr -d '='
