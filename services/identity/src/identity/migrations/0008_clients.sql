-- Programs of other teams, which call with client credentials (RFC 6749 §4.4). A secret is kept as its SHA-256;
-- during a rotation the one before lives too, until its end. What operators did stands in account_act.
CREATE TABLE client (
    client_id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    scopes text[] NOT NULL,
    created_at timestamptz NOT NULL,
    tokens_valid_after timestamptz NOT NULL,
    secret_hash bytea NOT NULL,
    secret_made_at timestamptz NOT NULL,
    older_secret_hash bytea,
    older_secret_ends_at timestamptz
);
