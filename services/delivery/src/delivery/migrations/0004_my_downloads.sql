-- What a person is shown of what was granted. NULL: the record came before delivery kept titles.
ALTER TABLE video ADD COLUMN titles jsonb;

-- Which version of the video was the newest when the ticket was last followed, or else granted. NULL: not known.
ALTER TABLE download_grant ADD COLUMN video_version int;

-- A grant that was taken back leaves download_grant: the last release gives nothing for it either, and asking
-- for the rendition again makes a new one.
CREATE TABLE revoked_grant (
    grant_id      uuid        PRIMARY KEY,
    account_id    uuid        NOT NULL,
    video_id      uuid        NOT NULL,
    rendition_id  uuid        NOT NULL,
    granted_at    timestamptz NOT NULL,
    redeemed_at   timestamptz,
    video_version int,
    revoked_at    timestamptz NOT NULL
);
CREATE INDEX revoked_grant_by_account ON revoked_grant (account_id, grant_id);
