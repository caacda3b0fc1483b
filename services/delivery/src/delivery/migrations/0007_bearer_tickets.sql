-- Tickets whose address is enough: a bearer is in it, of which only the SHA-256 is kept. A row outlives its end
-- for as long as its address is to be told that it is over.
CREATE TABLE bearer_ticket (
    ticket_id     uuid        PRIMARY KEY,
    grant_id      uuid        NOT NULL, -- live or revoked
    bearer_sha256 bytea       NOT NULL UNIQUE,
    session_began timestamptz NOT NULL, -- of the session that asked for it: what ends that one ends the ticket
    made_at       timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    used_at       timestamptz,
    revoked_at    timestamptz
);
CREATE INDEX bearer_ticket_by_grant ON bearer_ticket (grant_id);
CREATE INDEX bearer_ticket_by_end ON bearer_ticket (expires_at);
