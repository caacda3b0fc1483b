-- The newsletter. What may stand in it: the published videos, copied from the bus. `issue` says where a video stood.
CREATE TABLE news (
    video_id uuid PRIMARY KEY,
    version bigint NOT NULL,
    titles jsonb NOT NULL,
    headlines jsonb NOT NULL,
    published_at timestamptz NOT NULL,
    is_usable boolean NOT NULL,
    issue int
);
CREATE INDEX news_waiting ON news (published_at) WHERE issue IS NULL;
CREATE INDEX news_of_issue ON news (issue) WHERE issue IS NOT NULL;

-- One row per slot of the schedule, also when nothing was new; an operator's own issue has no slot.
CREATE TABLE newsletter_issue (
    issue int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    day date NOT NULL,
    slot timestamptz UNIQUE,
    made_at timestamptz NOT NULL DEFAULT now(),
    addressed_after uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    addressed_at timestamptz, -- when the last subscriber's mail was queued
    mails int NOT NULL DEFAULT 0
);
CREATE INDEX newsletter_unaddressed ON newsletter_issue (issue) WHERE addressed_at IS NULL;

-- A queue of its own: no code waits behind a newsletter, in no index and no lock. Its columns are those of `mail`;
-- the reference is the account, the generation the issue.
CREATE TABLE newsletter_mail (
    mail_id uuid PRIMARY KEY,
    reference_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind = 'newsletter'),
    generation int NOT NULL,
    kid text,
    locale text NOT NULL,
    address text,
    send_before timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'sending', 'accepted', 'delayed', 'bounced', 'expired', 'unknown', 'withdrawn')),
    attempts int NOT NULL DEFAULT 0,
    failures int NOT NULL DEFAULT 0,
    losses int NOT NULL DEFAULT 0,
    delay_told boolean NOT NULL DEFAULT false,
    next_at timestamptz NOT NULL,
    lease_until timestamptz CHECK ((lease_until IS NOT NULL) = (state = 'sending')),
    ended_at timestamptz CHECK ((ended_at IS NULL) = (address IS NOT NULL)),
    queued_at timestamptz NOT NULL,
    traceparent text,
    day date NOT NULL,
    CONSTRAINT newsletter_once_a_day UNIQUE (reference_id, day)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);
CREATE INDEX newsletter_mail_due ON newsletter_mail (next_at) WHERE ended_at IS NULL AND state <> 'sending';
CREATE INDEX newsletter_mail_ended ON newsletter_mail (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX newsletter_mail_leased ON newsletter_mail (lease_until) WHERE state = 'sending';
CREATE INDEX newsletter_mail_of_issue ON newsletter_mail (generation, state);

-- When the mail server refused the address for good; such a subscriber gets no newsletter.
ALTER TABLE contact ADD COLUMN refused_at timestamptz;
