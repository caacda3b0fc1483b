-- One row per address, from the first registration on. `address_key` makes it unique; mail goes to `address`.
CREATE TABLE account (
    account_id uuid PRIMARY KEY,
    address text NOT NULL,
    address_key text NOT NULL UNIQUE,
    locale text NOT NULL,
    status text NOT NULL CHECK (status IN ('unverified', 'active', 'suspended', 'deleted')),
    roles text[] NOT NULL DEFAULT '{}',
    newsletter boolean NOT NULL DEFAULT false,
    -- Null until the address is proven: a squatter's password never takes effect.
    password_hash text,
    sessions_valid_after timestamptz NOT NULL,
    registered_at timestamptz NOT NULL,
    verified_at timestamptz,
    CHECK (status <> 'active' OR password_hash IS NOT NULL)
);

-- One request to prove an address. Without an account it answers like any other and never proves anything.
CREATE TABLE challenge (
    challenge_id uuid PRIMARY KEY,
    purpose text NOT NULL CHECK (purpose IN ('signup', 'reset')),
    account_id uuid REFERENCES account ON DELETE CASCADE,
    address text NOT NULL,
    address_key text NOT NULL,
    locale text NOT NULL,
    secret_hash bytea NOT NULL,
    generation int NOT NULL DEFAULT 1,
    wrong_guesses int NOT NULL DEFAULT 0,
    pending_password_hash text,
    closed_at timestamptz,
    reset_token_hash bytea,
    reset_expires_at timestamptz,
    purge_after timestamptz NOT NULL
);
CREATE INDEX challenge_by_account ON challenge (account_id) WHERE account_id IS NOT NULL;
CREATE INDEX challenge_by_purge ON challenge (purge_after);

-- A generation of a challenge's code: when, and with which key. The code itself is never stored.
CREATE TABLE challenge_code (
    challenge_id uuid NOT NULL REFERENCES challenge ON DELETE CASCADE,
    generation int NOT NULL,
    kid text NOT NULL,
    requested_at timestamptz NOT NULL,
    accepted_at timestamptz,
    PRIMARY KEY (challenge_id, generation)
);

-- What an address has used up of a limit. `bucket` is a keyed hash: the table names nobody.
CREATE TABLE allowance (
    bucket bytea PRIMARY KEY,
    hits timestamptz[] NOT NULL,
    forget_at timestamptz NOT NULL
);
CREATE INDEX allowance_by_forget ON allowance (forget_at);

CREATE TABLE session (
    session_id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    token_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX session_by_account ON session (account_id);
CREATE INDEX session_by_expiry ON session (expires_at);
