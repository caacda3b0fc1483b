-- The id of the key that the password went through before its hash was made; null: through none.
ALTER TABLE account ADD COLUMN password_key text;
ALTER TABLE challenge ADD COLUMN pending_password_key text;
