-- A change of address is a challenge of the account that asks; `is_taken`: the address is another account's.
ALTER TABLE challenge ADD COLUMN is_taken boolean NOT NULL DEFAULT false;
-- A wider rule takes its place. Not validated: that would read the table under a lock, and older rows keep the narrower.
-- squawk-ignore ban-drop-constraint
ALTER TABLE challenge DROP CONSTRAINT challenge_purpose_check;
ALTER TABLE challenge
    ADD CONSTRAINT challenge_purpose CHECK (purpose IN ('signup', 'reset', 'address')) NOT VALID;
-- A long code works for whoever asked for its address, from whatever account. The table holds an hour of challenges.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX challenge_of_address ON challenge (address_key) WHERE purpose = 'address';

-- Where an account was reached before. Operators find it by that address, when it was taken from its owner.
CREATE TABLE former_address (
    change_id uuid PRIMARY KEY,
    account_id uuid NOT NULL REFERENCES account ON DELETE CASCADE,
    address text NOT NULL,
    address_key text NOT NULL,
    until timestamptz NOT NULL,
    forget_at timestamptz NOT NULL
);
CREATE INDEX former_address_by_account ON former_address (account_id);
CREATE INDEX former_address_by_key ON former_address (address_key);
CREATE INDEX former_address_by_forget ON former_address (forget_at);
