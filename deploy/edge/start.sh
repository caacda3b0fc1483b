#!/bin/sh
# Fills the template from the environment, then becomes nginx. /tmp is the only place that can be written.
set -eu
envsubst '${NEWSREEL_EDGE_RESOLVER} ${NEWSREEL_EDGE_PORTAL} ${NEWSREEL_EDGE_DELIVERY}' \
    < /etc/newsreel/nginx.conf.template > /tmp/nginx.conf
exec nginx -c /tmp/nginx.conf -g 'daemon off;'
