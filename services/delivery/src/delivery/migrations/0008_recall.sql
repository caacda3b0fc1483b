-- Whether the last usable state of the video named the file. NULL: the record came before delivery kept it; as `available`.
ALTER TABLE rendition ADD COLUMN listed boolean;

-- Files that the catalogue took back, and how far those who took them have been told.
CREATE TABLE recall (
    recall_id       uuid        PRIMARY KEY,
    video_id        uuid        NOT NULL,
    version         int         NOT NULL,
    kind            text        NOT NULL CHECK (kind IN ('withdrawn', 'corrected')),
    reference       text        NOT NULL,
    titles          jsonb       NOT NULL,
    reason          text,
    note            jsonb       NOT NULL,
    made_at         timestamptz NOT NULL,
    collected_after uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000', -- the grant up to which it was looked
    collected_at    timestamptz,
    noticed_after   uuid        NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000', -- the account up to which it was told
    noticed_at      timestamptz,
    UNIQUE (video_id, version)
);
CREATE UNIQUE INDEX recall_withdrawn_once ON recall (video_id) WHERE kind = 'withdrawn';
CREATE INDEX recall_unfinished ON recall (made_at) WHERE noticed_at IS NULL;

CREATE TABLE recalled_rendition (
    recall_id    uuid NOT NULL REFERENCES recall (recall_id),
    rendition_id uuid NOT NULL,
    file         text NOT NULL,
    PRIMARY KEY (recall_id, rendition_id)
);

CREATE TABLE recall_taker (
    recall_id    uuid        NOT NULL REFERENCES recall (recall_id),
    account_id   uuid        NOT NULL,
    rendition_id uuid        NOT NULL,
    grant_id     uuid        NOT NULL,
    redeemed_at  timestamptz NOT NULL,
    version      int,
    PRIMARY KEY (recall_id, account_id, rendition_id)
);
CREATE INDEX recall_taker_by_account ON recall_taker (account_id);

-- One event for an account and a recall. `state`: what the notifier says of the mail; `noticed` until it does.
CREATE TABLE recall_notice (
    notice_id  uuid        PRIMARY KEY,
    recall_id  uuid        NOT NULL REFERENCES recall (recall_id),
    account_id uuid        NOT NULL,
    state      text        NOT NULL,
    changed_at timestamptz NOT NULL,
    UNIQUE (recall_id, account_id)
);
CREATE INDEX recall_notice_by_account ON recall_notice (account_id);
