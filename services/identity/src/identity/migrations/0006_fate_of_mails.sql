-- What became of the mail of a generation that was not accepted (`delayed`, `bounced`); null while nothing is known.
-- `earlier`: none was asked for, since the code in an earlier mail of the address works.
ALTER TABLE challenge_code ADD COLUMN mail text;
