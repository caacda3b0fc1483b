-- The Kafka timestamp (ms) of a parked record: a place alone is no identity once its topic is deleted and made anew.
-- Empty on rows of versions before, which match any record at their place.
ALTER TABLE parked_record ADD COLUMN record_time bigint;
