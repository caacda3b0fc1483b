-- When delivery.download.v1 last said that the grant gave nothing for the reason: it is said once an hour.
CREATE TABLE download_refusal (
    grant_id   uuid        NOT NULL,
    reason     text        NOT NULL,
    refused_at timestamptz NOT NULL,
    PRIMARY KEY (grant_id, reason)
);
