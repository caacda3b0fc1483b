-- What the repetition of a request finds: the code that was proven, and the password that was set with it.
ALTER TABLE challenge
    ADD COLUMN proven_at timestamptz,
    ADD COLUMN password_set_at timestamptz;
-- A browser that asks again for an address goes on with its open challenge.
CREATE INDEX challenge_by_secret ON challenge (secret_hash);
-- Accounts that were never proven go with their last challenge.
CREATE INDEX account_unverified ON account (account_id) WHERE status = 'unverified';
-- Local parts are not folded to several letters any more: "straße" is not "strasse".
UPDATE account
SET address_key = replace(lower(split_part(address, '@', 1)), 'ẞ', 'ß') || '@' || split_part(address, '@', 2)
WHERE address ~ '[ßẞ]';
