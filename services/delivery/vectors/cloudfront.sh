#!/bin/sh
# Whether a CloudFront URL was signed by that key: cloudfront.sh URL PUBLIC-KEY-FILE. Needs openssl.
set -eu
url=$1 public=$2
address=${url%%[?&]Expires=*}
address=${address%%[?&]Policy=*}
of() { printf '%s' "${url#"$address"}" | tr '?&' '\n\n' | sed -n "s/^$1=//p"; }
bytes() { tr '_~-' '=/+' | openssl base64 -d -A; }
if [ "$(of Policy)" ]; then
  policy=$(of Policy | bytes)
  case $policy in
  *'"Resource":"'"$address"'"'*) ;;
  *) exit 1 ;;
  esac
else
  policy='{"Statement":[{"Resource":"'$address'","Condition":{"DateLessThan":{"AWS:EpochTime":'$(of Expires)'}}}]}'
fi
signature=$(mktemp)
trap 'rm -f "$signature"' EXIT
of Signature | bytes >"$signature"
hash=$(of Hash-Algorithm | tr 'A-Z' 'a-z')
printf '%s' "$policy" | openssl dgst "-${hash:-sha1}" -verify "$public" -signature "$signature"
