#!/bin/sh
# Formats the storage at the first start, with the users whose passwords are in the secrets, then becomes Kafka.
# The formatter prints passwords, so nothing of what it prints is kept.
set -eu
data=/var/lib/kafka/data
if [ ! -e "$data/meta.properties" ]; then
    /opt/kafka/bin/kafka-storage.sh format --cluster-id "$CLUSTER_ID" \
        --config /run/secrets/newsreel/server.properties @/run/secrets/newsreel/users > /dev/null
fi
exec /opt/kafka/bin/kafka-server-start.sh /run/secrets/newsreel/server.properties
