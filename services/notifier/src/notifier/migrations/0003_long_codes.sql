-- The code of a mail may be a long one; the last release asks for short ones alone. Both queues have the same columns.
ALTER TABLE mail ADD COLUMN is_long boolean NOT NULL DEFAULT false;
ALTER TABLE newsletter_mail ADD COLUMN is_long boolean NOT NULL DEFAULT false;
