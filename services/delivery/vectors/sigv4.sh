#!/bin/sh
# The signature that a presigned GET must carry: sigv4.sh URL SECRET. Needs openssl.
set -eu
rest=${1%&X-Amz-Signature=*} secret=$2
address=${rest%%\?*} query=${rest#*\?}
host=$(printf '%s' "${address#*://}" | sed 's|/.*||' | tr 'A-Z' 'a-z') path=/${address#*://*/}
case $address in
http://*) host=${host%:80} ;;
https://*) host=${host%:443} ;;
esac
of() { printf '%s' "$query" | tr '&' '\n' | sed -n "s/^$1=//p" | sed 's|%2F|/|g'; }
mac() { openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1" -r | cut -d ' ' -f 1; }
credential=$(of X-Amz-Credential)
scope=${credential#*/}
sorted=$(printf '%s' "$query" | tr '&' '\n' | LC_ALL=C sort | paste -s -d '&' -)
hashed=$(printf 'GET\n%s\n%s\nhost:%s\n\nhost\nUNSIGNED-PAYLOAD' "$path" "$sorted" "$host" |
  openssl dgst -sha256 -r | cut -d ' ' -f 1)
key=$(printf 'AWS4%s' "$secret" | od -An -v -t x1 | tr -d ' \n')
for word in $(printf '%s' "$scope" | tr '/' ' '); do
  key=$(printf '%s' "$word" | mac "$key")
done
printf 'AWS4-HMAC-SHA256\n%s\n%s\n%s' "$(of X-Amz-Date)" "$scope" "$hashed" | mac "$key"
