-- By which name the audit knows an account. An erasure takes the row, and nobody can tell any more whose the records are.
CREATE TABLE audit_pseudonym (
    account_id uuid PRIMARY KEY,
    pseudonym  uuid NOT NULL DEFAULT gen_random_uuid()
);

-- What happened, in the transaction in which it did; a second later a timer job has moved it into the chain.
CREATE TABLE audit_waiting (
    seq          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text        NOT NULL CHECK (kind ~ '^[a-z][a-z-]{0,39}$'),
    occurred_at  timestamptz NOT NULL,
    grant_id     uuid        NOT NULL,
    pseudonym    uuid        NOT NULL,
    video_id     uuid        NOT NULL,
    rendition_id uuid        NOT NULL,
    version      int,
    reason       text        CHECK (reason ~ '^[a-z][a-z-]{0,39}$')
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

-- The chain. `hash` is of the record and of the hash before it: services/delivery/vectors/README.md has the bytes.
CREATE TABLE audit_record (
    day          date        NOT NULL,
    number       int         NOT NULL CHECK (number >= 1),
    recorded_at  timestamptz NOT NULL,
    kind         text        NOT NULL,
    occurred_at  timestamptz NOT NULL,
    grant_id     uuid        NOT NULL,
    pseudonym    uuid        NOT NULL,
    video_id     uuid        NOT NULL,
    rendition_id uuid        NOT NULL,
    version      int,
    reason       text,
    previous     text        NOT NULL,
    hash         text        NOT NULL,
    PRIMARY KEY (day, number)
);

-- The last record of the chain: with it, the absence of the newest ones is seen.
CREATE TABLE audit_end (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    day      date    NOT NULL,
    number   int     NOT NULL,
    hash     text    NOT NULL
);

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit_record is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_record_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_record
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
