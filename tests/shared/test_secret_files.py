"""Secrets as files: where they come from, what is refused, and that a change needs no restart."""

import asyncio
import logging
from pathlib import Path

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaConnectionError
from pydantic import SecretStr, ValidationError

from newsreel_bus.admin import admin_client
from newsreel_bus.users import set_passwords
from newsreel_local.kafka import KafkaServer
from newsreel_runtime.database import Database
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.secret_files import FileSecret
from newsreel_runtime.settings import Kafka, KeyRingText, SettingsGroup, settings_config
from newsreel_testing.databases import Databases
from newsreel_testing.wait_until import free_port, until

KEY, OTHER = "ab" * 32, "cd" * 32


class Keys(SettingsGroup):
    """One of each kind."""

    model_config = settings_config("NEWSREEL_TEST_")

    ring: KeyRingText


def replace(path: Path, content: str) -> None:
    """As Kubernetes does: another file under the same name."""
    new = path.with_suffix(".new")
    new.write_text(content)
    new.rename(path)


async def value(secret: SecretStr, wanted: str) -> None:
    async def is_there() -> bool:
        return secret.get_secret_value() == wanted

    await until(is_there, "the new content is read")


@pytest.fixture
def ring_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "ring"
    path.write_text(f"k1:{KEY}\n")
    monkeypatch.setenv("NEWSREEL_TEST_RING_FILE", str(path))
    return path


async def test_a_key_ring_follows_its_file_and_keeps_what_it_had_when_that_breaks(
    ring_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    settings = Keys()
    ring = KeyRing.read(settings.ring.get_secret_value)
    assert ring.current == ("k1", bytes.fromhex(KEY))

    replace(ring_file, f"k2:{OTHER},k1:{KEY}")
    await value(settings.ring, f"k2:{OTHER},k1:{KEY}")
    assert ring.current[0] == "k2"

    replace(ring_file, f"k3:{OTHER[:10]}")

    async def refused() -> bool:
        return ring.current[0] == "k2" and "not valid" in caplog.text

    await until(refused, "the broken content is refused")
    await asyncio.to_thread(ring_file.unlink)

    async def missed() -> bool:
        return ring.current[0] == "k2" and "No such file" in caplog.text

    await until(missed, "the missing file is told")
    assert "NEWSREEL_TEST_RING" in caplog.text
    assert OTHER[:10] not in caplog.text


async def test_a_symbolic_link_that_is_swapped_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in (("one", KEY), ("two", OTHER)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "newsreel_test_ring").write_text(f"k1:{content}")
    (tmp_path / "..data").symlink_to("one")
    (tmp_path / "newsreel_test_ring").symlink_to("..data/newsreel_test_ring")
    monkeypatch.setenv("NEWSREEL_SECRETS_DIR", str(tmp_path))
    settings = Keys()
    (tmp_path / "new").symlink_to("two")
    (tmp_path / "new").rename(tmp_path / "..data")
    await value(settings.ring, f"k1:{OTHER}")


@pytest.mark.parametrize(
    ("content", "variable", "said"),
    [
        (None, None, "No such file"),
        ("", None, "its file is empty"),
        (b"\xff\xfe", None, "not UTF-8"),
        (f"k1:{KEY}", f"k1:{OTHER}", "differ"),
        (f"k1:{KEY[:10]}", None, "hexadecimal"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_by_its_variable(
    content: str | bytes | None,
    variable: str | None,
    said: str,
    ring_file: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ring_file.unlink()
    if content is not None:
        ring_file.write_bytes(content.encode() if isinstance(content, str) else content)
    if variable is not None:
        monkeypatch.setenv("NEWSREEL_TEST_RING", variable)
    with pytest.raises(ValidationError, match=said) as raised:
        Keys()
    assert [error["loc"] for error in raised.value.errors()] == [("NEWSREEL_TEST_RING",)]
    assert KEY[:10] not in str(raised.value)


def test_a_file_and_a_variable_that_say_the_same_are_taken(
    ring_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEWSREEL_TEST_RING", f"k1:{KEY}")
    assert Keys().ring.get_secret_value() == ring_file.read_text().strip()


async def test_new_connections_to_postgresql_use_the_new_password(
    databases: Databases, tmp_path: Path
) -> None:
    path = tmp_path / "password"
    path.write_text("secret")
    async with databases.fresh("catalog") as administrator:
        login = await databases.login(administrator)
        secret = FileSecret("NEWSREEL_POSTGRES_PASSWORD", path)
        async with (
            Database.open(login.model_copy(update={"password": secret})) as database,
            database.pool.acquire() as old,
        ):
            connection = await databases.connect(login.database)
            await connection.execute(f"ALTER ROLE {login.user} PASSWORD 'another'")
            await connection.close()
            with pytest.raises(asyncpg.InvalidPasswordError):
                await database.ping()
            replace(path, "another")
            await value(secret, "another")
            await database.ping()
            assert await old.fetchval("SELECT 1") == 1


async def test_kafka_clients_log_in_with_the_new_password(tmp_path: Path) -> None:
    users = {"broker": "b", "admin": "a", "identity": "one"}
    server = KafkaServer(tmp_path / "kafka", free_port(), free_port(), users)
    await server.start()
    path = tmp_path / "password"
    path.write_text("one")
    try:
        admin = Kafka(bootstrap=server.bootstrap, user="admin", password=SecretStr("a"))
        secret = FileSecret("NEWSREEL_KAFKA_PASSWORD", path)
        options = connection_options(Kafka(bootstrap=server.bootstrap, user="identity", password=secret))
        async with AIOKafkaProducer(**options) as standing:
            await set_passwords(admin_client(admin), {"identity": b"two"})

            async def old_password_is_refused() -> bool:
                try:
                    await _log_in(options)
                except KafkaConnectionError:
                    return True
                return False

            await until(old_password_is_refused, "Kafka knows the new password")
            replace(path, "two")
            await value(secret, "two")
            await _log_in(options)
            await standing.client.fetch_all_metadata()
    finally:
        await server.stop()


async def _log_in(options: dict[str, object]) -> None:
    producer = AIOKafkaProducer(**options)
    try:
        await producer.start()
    finally:
        await producer.stop()
