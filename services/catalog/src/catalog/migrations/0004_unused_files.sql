-- Files of the store that no video refers to, and since when that is known: swept a day later.
CREATE TABLE unused_file (
    key text PRIMARY KEY,
    since timestamptz NOT NULL
);
