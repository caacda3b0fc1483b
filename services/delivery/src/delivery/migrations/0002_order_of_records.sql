-- The order of a key's records decides which state is the newest, not their times. The column is written no
-- more, and keeps a default for as long as the last version may still run on this schema.
ALTER TABLE account ALTER COLUMN changed_at SET DEFAULT now();
