-- What mails about a recall say: one row for a recall, whoever is told of it.
CREATE TABLE recall (
    recall_id uuid  PRIMARY KEY,
    video_id  uuid  NOT NULL,
    kind      text  NOT NULL,
    reference text  NOT NULL,
    titles    jsonb NOT NULL,
    note      jsonb NOT NULL
);

-- A queue of its own: no code waits behind a recall, and no recall behind a newsletter. Its columns are those of `mail`;
-- the reference is the notice.
CREATE TABLE recall_mail (
    mail_id      uuid        PRIMARY KEY,
    reference_id uuid        NOT NULL,
    kind         text        NOT NULL CHECK (kind = 'recall'),
    generation   int         NOT NULL,
    kid          text,
    locale       text        NOT NULL,
    address      text,
    send_before  timestamptz NOT NULL,
    state        text        NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'sending', 'accepted', 'delayed', 'bounced', 'expired', 'unknown', 'withdrawn')),
    attempts     int         NOT NULL DEFAULT 0,
    failures     int         NOT NULL DEFAULT 0,
    losses       int         NOT NULL DEFAULT 0,
    delay_told   boolean     NOT NULL DEFAULT false,
    next_at      timestamptz NOT NULL,
    lease_until  timestamptz CHECK ((lease_until IS NOT NULL) = (state = 'sending')),
    ended_at     timestamptz CHECK ((ended_at IS NULL) = (address IS NOT NULL)),
    queued_at    timestamptz NOT NULL,
    traceparent  text,
    is_long      boolean     NOT NULL DEFAULT false,
    recall_id    uuid        NOT NULL,
    account_id   uuid        NOT NULL,
    CONSTRAINT recall_mail_once UNIQUE (reference_id, generation)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE INDEX recall_mail_due ON recall_mail (next_at) WHERE ended_at IS NULL AND state <> 'sending';
CREATE INDEX recall_mail_ended ON recall_mail (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX recall_mail_leased ON recall_mail (lease_until) WHERE state = 'sending';
CREATE INDEX recall_mail_of_account ON recall_mail (account_id) WHERE ended_at IS NULL;
