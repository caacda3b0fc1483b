-- What operators did to accounts, and why. It stays when the account is gone, and names nobody but the operator.
CREATE TABLE account_act (
    act_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id uuid NOT NULL,
    at timestamptz NOT NULL,
    operator text NOT NULL,
    done text NOT NULL,
    reason text NOT NULL
);
CREATE INDEX account_act_by_account ON account_act (account_id);
