-- A tombstone has no payload: it erases its key on a compacted topic.
ALTER TABLE outbox ALTER COLUMN payload DROP NOT NULL;
ALTER TABLE outbox_dead ALTER COLUMN payload DROP NOT NULL;
