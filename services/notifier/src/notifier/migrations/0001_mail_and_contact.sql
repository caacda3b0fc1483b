-- The mail queue. One row per mail ever asked for: a doubled or replayed event finds its row and adds nothing.
-- The address goes when the mail has ended; the code was never here.
CREATE TABLE mail (
    mail_id uuid PRIMARY KEY,
    reference_id uuid NOT NULL,
    kind text NOT NULL
        CHECK (kind IN ('signup_code', 'reset_code', 'address_taken', 'no_account', 'password_changed')),
    generation int NOT NULL CHECK (generation >= 1),
    kid text CHECK ((kid IS NOT NULL) = (kind IN ('signup_code', 'reset_code'))),
    locale text NOT NULL CHECK (locale IN ('en', 'fr', 'uk')),
    address text,
    send_before timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'queued'
        CHECK (state IN ('queued', 'sending', 'accepted', 'delayed', 'bounced', 'expired', 'unknown')),
    attempts int NOT NULL DEFAULT 0, -- claims so far; the number of the current one fences its outcome
    failures int NOT NULL DEFAULT 0, -- attempts that the mail server put off; sets the back-off
    losses int NOT NULL DEFAULT 0, -- attempts whose outcome nobody knows
    delay_told boolean NOT NULL DEFAULT false,
    next_at timestamptz NOT NULL,
    lease_until timestamptz CHECK ((lease_until IS NOT NULL) = (state = 'sending')),
    ended_at timestamptz CHECK ((ended_at IS NULL) = (address IS NOT NULL)),
    queued_at timestamptz NOT NULL,
    traceparent text,
    CONSTRAINT mail_once UNIQUE (reference_id, kind, generation)
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000);

CREATE INDEX mail_due ON mail (next_at) WHERE ended_at IS NULL AND state <> 'sending';
CREATE INDEX mail_ended ON mail (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX mail_leased ON mail (lease_until) WHERE state = 'sending';

-- How to reach an account, copied from the bus; a tombstone there erases the row here.
CREATE TABLE contact (
    account_id uuid PRIMARY KEY,
    address text NOT NULL,
    locale text NOT NULL CHECK (locale IN ('en', 'fr', 'uk')),
    newsletter boolean NOT NULL,
    changed_at timestamptz NOT NULL
);
