-- The outbox: insert and delete only, so that a change-data-capture connector can drain the same table.
CREATE TABLE outbox (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id uuid NOT NULL UNIQUE,
    topic text NOT NULL,
    key text NOT NULL,
    type text NOT NULL,
    source text NOT NULL,
    specversion text NOT NULL DEFAULT '1.0',
    subject text,
    time text NOT NULL,
    contenttype text NOT NULL DEFAULT 'application/json',
    dataschema text,
    payload bytea NOT NULL,
    traceparent text,
    tracestate text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

-- The inbox: an event that a consumer has seen, written in the transaction of its effect.
CREATE TABLE inbox (
    consumer text NOT NULL,
    ce_id uuid NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, ce_id)
);
