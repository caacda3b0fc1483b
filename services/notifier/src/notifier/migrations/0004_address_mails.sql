-- Mails about another address of an account: wider rules take the place of these. Not validated: that would read the
-- queue under a lock, and older rows keep the narrower ones.
-- squawk-ignore ban-drop-constraint
ALTER TABLE mail DROP CONSTRAINT mail_kind_check, DROP CONSTRAINT mail_check;
ALTER TABLE mail
    ADD CONSTRAINT mail_kind CHECK (kind IN (
        'signup_code', 'reset_code', 'address_code', 'address_taken', 'no_account', 'password_changed',
        'address_wanted', 'address_changed')) NOT VALID,
    ADD CONSTRAINT mail_kid CHECK (
        (kid IS NOT NULL) = (kind IN ('signup_code', 'reset_code', 'address_code'))) NOT VALID;
