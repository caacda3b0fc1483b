-- How the person wants to be called; null: nothing was said.
ALTER TABLE account ADD COLUMN name text;
