-- Sessions whose tokens follow one another; without a seed the last release began it, with one token.
ALTER TABLE session
    ADD COLUMN seed bytea,
    ADD COLUMN generation int NOT NULL DEFAULT 0,
    ADD COLUMN renewed_at timestamptz,
    ADD COLUMN used_at timestamptz,
    ADD COLUMN browser text;
