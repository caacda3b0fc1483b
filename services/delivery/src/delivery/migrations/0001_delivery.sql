-- Copies of what other services publish: rebuilt from their topics, never edited here.
CREATE TABLE account (
    account_id           uuid        PRIMARY KEY,
    status               text        NOT NULL,
    roles                text[]      NOT NULL,
    sessions_valid_after timestamptz NOT NULL,
    changed_at           timestamptz NOT NULL -- time of the event that said so; an older one changes nothing
);

CREATE TABLE video (
    video_id uuid PRIMARY KEY,
    version  int  NOT NULL, -- of the state last taken over; an older one changes nothing
    status   text NOT NULL
);

CREATE TABLE rendition (
    rendition_id uuid    PRIMARY KEY,
    video_id     uuid    NOT NULL REFERENCES video (video_id),
    file         text    NOT NULL,
    media_type   text    NOT NULL,
    size_bytes   bigint  NOT NULL CHECK (size_bytes >= 0),
    sha256       text    NOT NULL,
    available    boolean NOT NULL
);
CREATE INDEX rendition_by_video ON rendition (video_id);

-- Delivery's own. No foreign key to account: its copy may be rebuilt while grants stay.
CREATE TABLE download_grant (
    grant_id     uuid        PRIMARY KEY,
    account_id   uuid        NOT NULL,
    video_id     uuid        NOT NULL,
    rendition_id uuid        NOT NULL,
    granted_at   timestamptz NOT NULL,
    UNIQUE (account_id, rendition_id) -- one live grant: asking twice is asking once
);
