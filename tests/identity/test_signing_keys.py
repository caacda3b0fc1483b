"""Several keys of access tokens: the first signs, all verify, and a changed file counts at once."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from identity.domain.access_token import TokenSigner
from identity.domain.account import Account
from identity.domain.session import Session

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def a_key(kid: str) -> dict[str, object]:
    key = OKPKey.generate_key("Ed25519", {"kid": kid}, private=True)
    return dict(key.as_dict(private=True))


OLD, NEW = a_key("old"), a_key("new")


class File:
    """What the setting's file holds at this moment."""

    def __init__(self, *keys: dict[str, object]) -> None:
        self.keys = keys

    def read(self) -> str:
        return json.dumps(self.keys[0] if len(self.keys) == 1 else {"keys": self.keys})


def sign(signer: TokenSigner) -> str:
    account = Account(uuid4(), "ada@example.org", "en", "active", (), False, NOON)
    return signer.sign(account, Session(uuid4(), account.account_id, NOON, NOON), NOON)


def verifies(signer: TokenSigner, token: str) -> bool:
    try:
        jwt.decode(token, signer.key_set, algorithms=["EdDSA"])
    except (JoseError, ValueError):
        return False
    return True


def kids(signer: TokenSigner) -> list[str]:
    return [key["kid"] for key in signer.public_jwks]


def test_a_rotation_refuses_no_token_on_its_way() -> None:
    file = File(OLD)
    signer = TokenSigner(file.read, "https://identity.test")
    before = sign(signer)
    file.keys = (OLD, NEW)  # published, so that every verifier knows it before it signs
    assert kids(signer) == ["old", "new"]
    assert verifies(signer, before)
    file.keys = (NEW, OLD)
    after = sign(signer)
    assert jwt.decode(after, signer.key_set, algorithms=["EdDSA"]).header["kid"] == "new"
    assert verifies(signer, before)
    file.keys = (NEW,)  # withdrawn
    assert kids(signer) == ["new"]
    assert (verifies(signer, before), verifies(signer, after)) == (False, True)
    assert not any("d" in key for key in signer.public_jwks)


@pytest.mark.parametrize(
    "keys",
    [
        {"keys": []},
        {"keys": [OLD, OLD]},
        {"keys": [{name: text for name, text in OLD.items() if name != "d"}]},
        {"keys": [OLD, {"kty": "oct", "k": "c2VjcmV0"}]},
        {"keys": "x"},
    ],
)
def test_a_set_that_is_none_is_refused_and_not_repeated(keys: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="signing key") as refusal:
        TokenSigner(lambda: json.dumps(keys), "https://identity.test")
    assert str(OLD["d"]) not in str(refusal.value)


def test_a_key_that_only_verifies_may_stand_behind_the_first() -> None:
    public = {name: text for name, text in OLD.items() if name != "d"}
    old = TokenSigner(File(OLD).read, "https://identity.test")
    signer = TokenSigner(File(NEW, public).read, "https://identity.test")
    assert verifies(signer, sign(old))
