"""`newsreel keys`: a rotation in three steps, on a ring and on a JWK Set."""

import argparse
import asyncio
import json
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey
from pydantic import SecretStr

from identity.commands import register
from identity.commands.key_file import KeyFileError, take_step
from identity.commands.pepper import look_at_passwords
from identity.domain.access_token import TokenSigner
from identity.settings import Settings
from identity.usecases.hash_password import Hashing
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.settings import Http, Kafka, Postgres
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of
from newsreel_testing.identity_service import Identity

MEND = "bring the key back in NEWSREEL_IDENTITY_PEPPER_KEYS, or those people have to reset their passwords"


def ids(text: str) -> list[str]:
    if text.startswith("{"):
        return [key["kid"] for key in TokenSigner(lambda: text, "x").public_jwks]
    ring = KeyRing.parse(text)
    return [kid for kid in ("0", "k1", "k2", "k3") if ring.get(kid) is not None]


@pytest.fixture
def ring(tmp_path: Path) -> Path:
    path = tmp_path / "newsreel_code_keys"
    path.write_text(f"k2:{'ab' * 32}\n")
    path.chmod(0o640)
    return path


@pytest.fixture
def jwk(tmp_path: Path) -> Path:
    key = OKPKey.generate_key("Ed25519", private=True)
    path = tmp_path / "newsreel_identity_signing_key"
    path.write_text(json.dumps(key.as_dict(private=True)))
    return path


def test_a_ring_goes_from_one_key_to_another(ring: Path) -> None:
    old = KeyRing.parse(ring.read_text().strip()).current[1]
    assert take_step(ring, "add").startswith("add: k3; when every service")
    known = KeyRing.parse(ring.read_text().strip())
    assert (known.current[0], known.get("k3") is not None) == ("k2", True)
    take_step(ring, "use")
    used = KeyRing.parse(ring.read_text().strip())
    assert (used.current[0], used.get("k2")) == ("k3", old)
    assert take_step(ring, "withdraw").startswith("withdraw: k2; ")
    assert ids(ring.read_text().strip()) == ["k3"]
    assert ring.stat().st_mode & 0o777 == 0o640


def test_a_key_without_an_id_gets_company(tmp_path: Path) -> None:
    (path := tmp_path / "newsreel_portal_signing_key").write_text("cd" * 32)
    take_step(path, "add")
    assert path.read_text().startswith(f"0:{'cd' * 32},k1:")


def test_a_signing_key_becomes_a_set_and_one_key_again(jwk: Path) -> None:
    (first,) = ids(jwk.read_text())
    said = take_step(jwk, "add")
    old, new = ids(jwk.read_text())
    assert old == first
    assert said.startswith(f"add: {new}; ")
    take_step(jwk, "use")
    assert ids(jwk.read_text()) == [new, first]
    take_step(jwk, "withdraw")
    assert ids(jwk.read_text()) == [new]


@pytest.mark.parametrize("step", ["use", "withdraw"])
def test_the_last_key_stays(ring: Path, jwk: Path, step: str) -> None:
    for path in (ring, jwk):
        before = path.read_text()
        with pytest.raises(KeyFileError, match="`add` comes first"):
            take_step(path, step)
        assert path.read_text() == before


@pytest.mark.parametrize("text", ["", "k1:zz", "{}", '{"keys": []}', "k1", f"k1:{'ab' * 32},k1:{'cd' * 32}"])
def test_another_file_is_left_alone(tmp_path: Path, text: str) -> None:
    (path := tmp_path / "file").write_text(text)
    with pytest.raises(KeyFileError, match="no key ring") as refusal:
        take_step(path, "add")
    assert path.read_text() == text
    assert "abab" not in str(refusal.value)


@pytest.fixture
def pepper(tmp_path: Path) -> Path:
    """A ring in the middle of its rotation: k2 makes new hashes."""
    path = tmp_path / "newsreel_identity_pepper_keys"
    path.write_text(f"k2:{'cd' * 32},k1:{'ab' * 32}\n")
    return path


def held(path: Path) -> list[str]:
    """The ids in a file."""
    return ids(path.read_text().strip())


def with_pepper(postgres: Postgres, keys: SecretStr | None) -> Settings:
    """The settings that the doctor looks at."""
    return Settings.model_construct(
        postgres=postgres, pepper_keys=keys, kafka=Kafka(bootstrap="-"), http=Http(port=0)
    )


def keys(*words: str) -> int:
    """What `newsreel keys …` returns."""
    parser = argparse.ArgumentParser()
    register(parser.add_subparsers())
    arguments = parser.parse_args(["keys", *words])
    return int(arguments.run(arguments))


@pytest.mark.parametrize("where", ["account", "challenge"])
async def test_a_pepper_s_key_that_passwords_are_under_is_withdrawn_with_yes_alone(
    databases: Databases,
    pepper: Path,
    where: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with databases.fresh("identity") as settings:
        for name, value in environment_of(settings).items():
            monkeypatch.setenv(name, value)
        async with Database.open(settings) as database:
            identity = Identity(database)
            identity.hashing = Hashing(1, 1, KeyRing.parse(f"k1:{'ab' * 32}"))
            await (identity.make_account if where == "account" else identity.register)(
                "ada@example.org", now()
            )
        assert await asyncio.to_thread(keys, "withdraw", str(pepper)) == 1
        said = capsys.readouterr().err
        assert said.startswith("keys: 1 passwords are under k1; each goes to the new key when its owner")
        assert said.endswith("have to reset them; nothing was changed\n")
        assert held(pepper) == ["k1", "k2"]
        assert await asyncio.to_thread(keys, "withdraw", "--yes", str(pepper)) == 0
        assert held(pepper) == ["k2"]


async def test_a_pepper_s_key_that_nobody_has_is_withdrawn(
    databases: Databases, pepper: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with databases.fresh("identity") as settings:
        for name, value in environment_of(settings).items():
            monkeypatch.setenv(name, value)
        assert await asyncio.to_thread(keys, "withdraw", str(pepper)) == 0
    assert held(pepper) == ["k2"]


@pytest.mark.parametrize("host", ["", "127.0.0.1"])
def test_without_the_database_a_pepper_s_key_stays(
    pepper: Path, host: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = Postgres(host=host, port=1, database="-", user="-", password=SecretStr("secret"))
    for name, value in environment_of(nowhere).items():
        monkeypatch.setenv(name, value) if host else monkeypatch.delenv(name, raising=False)
    assert keys("withdraw", str(pepper)) == 1
    said = capsys.readouterr().err
    assert said.startswith("keys: the database cannot say who has a password under k1: ")
    assert ("NEWSREEL_POSTGRES_DATABASE" in said) is not bool(host)
    assert "secret" not in said
    assert keys("add", str(pepper)) == 0  # other steps need no database


@pytest.mark.parametrize(
    ("ring", "line"),
    [
        (f"k2:{'cd' * 32},k1:{'ab' * 32}", "ok     passwords    1 under k1, 1 under k2"),
        (f"k2:{'cd' * 32}", f"WRONG  passwords    1 under k1, 1 under k2; gone: k1: {MEND}"),
        (None, f"WRONG  passwords    1 under k1, 1 under k2; gone: k1, k2: {MEND}"),
    ],
)
async def test_the_doctor_says_which_key_is_gone(databases: Databases, ring: str | None, line: str) -> None:
    pepper_keys = None if ring is None else SecretStr(ring)
    async with databases.fresh("identity") as postgres, Database.open(postgres) as database:
        settings = with_pepper(postgres, pepper_keys)
        (nobody,) = await look_at_passwords(settings)
        assert str(nobody) == "ok     passwords    none has a pepper"
        identity = Identity(database)
        for address, key in (("ada@example.org", f"k1:{'ab' * 32}"), ("bob@example.org", f"k2:{'cd' * 32}")):
            identity.hashing = Hashing(1, 1, KeyRing.parse(key))
            await identity.make_account(address, now())
        assert [str(found) for found in await look_at_passwords(settings)] == [line]


async def test_the_doctor_says_no_more_when_the_database_is_away() -> None:
    nowhere = Postgres(host="127.0.0.1", port=1, database="-", user="-", password=SecretStr("-"))
    settings = with_pepper(nowhere, None)
    assert await look_at_passwords(settings) == []
