"""The composition root: every setting is read, and a wrong one is refused without repeating it."""

import json
from collections.abc import Awaitable, Callable

import pytest
from httpx import ASGITransport, AsyncClient
from pydantic import ValidationError

from identity.app import compose
from identity.domain.access_token import TokenSigner
from identity.settings import Settings
from newsreel_runtime.database import Database
from newsreel_testing.identity_service import ORIGIN, SIGNING_KEY

ENVIRONMENT = {
    "NEWSREEL_POSTGRES_DATABASE": "identity",
    "NEWSREEL_POSTGRES_USER": "identity",
    "NEWSREEL_POSTGRES_PASSWORD": "secret",
    "NEWSREEL_KAFKA_BOOTSTRAP": "127.0.0.1:1",
    "NEWSREEL_HTTP_PORT": "0",
    "NEWSREEL_CODE_KEYS": f"k1:{'ab' * 32}",
    "NEWSREEL_UNSUBSCRIBE_KEYS": f"k1:{'ab' * 32}",
    "NEWSREEL_IDENTITY_SIGNING_KEY": json.dumps(SIGNING_KEY.as_dict(private=True)),
    "NEWSREEL_IDENTITY_ISSUER": ORIGIN,
    "NEWSREEL_IDENTITY_LOOKUP_KEY": "cd" * 32,
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A complete environment."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


async def test_the_service_is_composed_of_its_parts(environment: pytest.MonkeyPatch) -> None:
    async with compose() as service:
        assert service.name == "identity"
        assert len(service.consumers) == 1
        assert service.relay is not None
        assert len(service.timers) == 1


async def test_the_profile_is_the_one_of_the_setting(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("NEWSREEL_IDENTITY_PASSWORD_PROFILE", "nist")
    async with compose() as service, AsyncClient(transport=ASGITransport(service.http)) as client:
        policy = (await client.get("http://identity.test/v1/password-policy")).json()
    assert (policy["profile"], policy["min_length"]) == ("nist", 15)
    environment.setenv("NEWSREEL_IDENTITY_PASSWORD_PROFILE", "weak")
    with pytest.raises(ValidationError, match=r"PASSWORD_PROFILE\n.*'portal' or 'nist'"):
        Settings()


@pytest.mark.parametrize("name", ENVIRONMENT)
def test_each_setting_is_needed(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.delenv(name)
    with pytest.raises(ValidationError) as missing:
        Settings()
    assert name in str(missing.value)
    assert "secret" not in str(missing.value).replace("secrets", "")


@pytest.mark.parametrize(
    "name",
    [
        "NEWSREEL_CODE_KEYS",
        "NEWSREEL_IDENTITY_PEPPER_KEYS",
        "NEWSREEL_IDENTITY_LOOKUP_KEY",
        "NEWSREEL_IDENTITY_SIGNING_KEY",
    ],
)
@pytest.mark.parametrize("value", ["", "ab" * 31, "k1:" + "ab" * 31, "xy" * 32])
def test_a_key_of_another_form_is_refused_and_not_repeated(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)
    with pytest.raises(ValidationError) as refusal:
        Settings()
    assert not value or value not in str(refusal.value)
    assert name in str(refusal.value)


@pytest.mark.parametrize(
    "key", ["", "[]", "{}", '{"kty": "oct", "k": "c2VjcmV0"}', '{"kty": "OKP", "d": "x"}']
)
def test_a_key_that_is_none_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(ValueError, match="signing key") as refusal:
        TokenSigner(lambda: key, ORIGIN)
    assert "c2VjcmV0" not in str(refusal.value)


def test_a_public_or_other_key_cannot_sign() -> None:
    with pytest.raises(ValueError, match="private"):
        TokenSigner(lambda: json.dumps(SIGNING_KEY.as_dict(private=False)), ORIGIN)


async def test_migrations_apply_to_an_empty_database(
    service_database: Callable[[str], Awaitable[Database]],
) -> None:
    database = await service_database("identity")
    async with database.read() as connection:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    assert {"account", "challenge", "challenge_code", "allowance", "session", "outbox", "inbox"} <= {
        row["tablename"] for row in tables
    }
