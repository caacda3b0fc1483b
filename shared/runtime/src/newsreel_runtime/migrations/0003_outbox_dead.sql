-- Rows of the outbox that Kafka refuses for good. Later rows of the same key wait until this one is put back
-- (with its old seq, in front of them) or dropped.
CREATE TABLE outbox_dead (
    seq bigint PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    topic text NOT NULL,
    key text NOT NULL,
    type text NOT NULL,
    source text NOT NULL,
    specversion text NOT NULL,
    subject text,
    time text NOT NULL,
    contenttype text NOT NULL,
    dataschema text,
    payload bytea NOT NULL,
    traceparent text,
    tracestate text,
    created_at timestamptz NOT NULL,
    reason text NOT NULL,
    attempts int NOT NULL,
    died_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
