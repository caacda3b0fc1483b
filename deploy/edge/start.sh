#!/bin/sh
# Fills the template from the environment, then becomes nginx. /tmp is the only place that can be written.
set -eu
export NEWSREEL_EDGE_LISTEN="${NEWSREEL_EDGE_LISTEN:-8080}" \
    NEWSREEL_EDGE_MEDIA="${NEWSREEL_EDGE_MEDIA:-/media}" \
    NEWSREEL_EDGE_CONFIG="${NEWSREEL_EDGE_CONFIG:-/etc/newsreel}"
envsubst '${NEWSREEL_EDGE_RESOLVER} ${NEWSREEL_EDGE_PORTAL} ${NEWSREEL_EDGE_DELIVERY} ${NEWSREEL_EDGE_LISTEN}
    ${NEWSREEL_EDGE_MEDIA} ${NEWSREEL_EDGE_CONFIG}' \
    < "$NEWSREEL_EDGE_CONFIG/nginx.conf.template" > /tmp/nginx.conf
rm -f /tmp/bucket.conf
if [ -n "${NEWSREEL_EDGE_BUCKET:-}" ]; then
    export NEWSREEL_EDGE_CA="${NEWSREEL_EDGE_CA:-/etc/ssl/certs/ca-certificates.crt}"
    envsubst '${NEWSREEL_EDGE_BUCKET} ${NEWSREEL_EDGE_CA}' \
        < "$NEWSREEL_EDGE_CONFIG/bucket.conf.template" > /tmp/bucket.conf
fi
for network in $(echo "${NEWSREEL_HTTP_TRUSTED_PROXIES:-}" | tr ',' ' '); do
    echo "set_real_ip_from $network;"
done > /tmp/trusted.conf
rm -f /tmp/again.sock # of a predecessor that was killed: nginx would not start
exec nginx -c /tmp/nginx.conf -g 'daemon off;'
