-- Who agreed to the newsletter or left it, when, how, and to which words.
CREATE TABLE newsletter_consent (
    consent_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    at timestamptz NOT NULL,
    subscribed boolean NOT NULL,
    how text NOT NULL CHECK (how IN ('account', 'link')),
    wording text
);
CREATE INDEX newsletter_consent_by_account ON newsletter_consent (account_id);
