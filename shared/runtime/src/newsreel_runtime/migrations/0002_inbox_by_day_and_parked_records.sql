-- The inbox by day of the event (its ce_time, UTC, which never changes for an event): a day is dropped as a whole
-- when no record of it can come again. Days are made ahead by the runtime; odd times wait in the default partition.
ALTER TABLE inbox RENAME TO inbox_before;
ALTER INDEX inbox_pkey RENAME TO inbox_before_pkey;
CREATE TABLE inbox (
    consumer text NOT NULL,
    ce_id uuid NOT NULL,
    day date NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, ce_id, day)
) PARTITION BY RANGE (day);
CREATE TABLE inbox_other PARTITION OF inbox DEFAULT;
-- Our ids are UUIDv7 (RFC 9562 §5.7): their first 48 bits are the milliseconds at which the event was made.
INSERT INTO inbox (consumer, ce_id, day, received_at)
SELECT consumer, ce_id,
       CASE WHEN substr(ce_id::text, 15, 1) = '7' THEN
           (to_timestamp(('x' || lpad(substr(replace(ce_id::text, '-', ''), 1, 12), 16, '0'))::bit(64)::bigint / 1000.0)
            AT TIME ZONE 'UTC')::date
       ELSE (received_at AT TIME ZONE 'UTC')::date END,
       received_at
FROM inbox_before;
DROP TABLE inbox_before;

-- What waits in the dead letter topics. While a key has a row, its later records are parked behind it. A row is
-- deleted in the transaction of its record's effect, when an operator drops it, or when Kafka has forgotten it.
CREATE TABLE parked_record (
    consumer text NOT NULL,
    topic text NOT NULL,
    partition int NOT NULL,
    "offset" bigint NOT NULL,
    key bytea,
    sent boolean NOT NULL DEFAULT false,
    behind boolean NOT NULL,
    exception_type text NOT NULL,
    exception_message text NOT NULL,
    attempts int NOT NULL,
    replays int NOT NULL DEFAULT 0,
    parked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    failed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (consumer, topic, partition, "offset")
);
CREATE INDEX parked_record_by_key ON parked_record (consumer, topic, partition, key, "offset");

-- Who replayed or dropped what, and when. `ended_at` is empty when it was cut short.
CREATE TABLE parked_audit (
    id uuid PRIMARY KEY,
    action text NOT NULL,
    operator text NOT NULL,
    consumer text NOT NULL,
    chosen text NOT NULL,
    records int NOT NULL,
    done int NOT NULL DEFAULT 0,
    began_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz
);
