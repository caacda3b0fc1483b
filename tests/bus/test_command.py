"""`newsreel bus` as an operator types it, on a real Kafka with SCRAM and ACLs."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from newsreel_bus import acls, topics
from newsreel_bus.admin import admin_client
from newsreel_bus.topics import Wanted, wanted
from newsreel_events.access import Right, rights
from newsreel_local.kafka import KafkaServer
from newsreel_local.ports import free_ports
from newsreel_runtime.settings import Kafka
from newsreel_testing.broker_probe import visible

AS_IT_SHOULD = "the bus is as the topics table says"
NARROW = "notifier.mail.v1"


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


async def bus(kafka: Kafka, *words: str) -> Ran:
    """`newsreel bus WORDS`, with this login in the environment."""
    assert kafka.user is not None
    assert kafka.password is not None
    environment = {
        "PATH": os.environ["PATH"],
        "NEWSREEL_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "NEWSREEL_KAFKA_USER": kafka.user,
        "NEWSREEL_KAFKA_PASSWORD": kafka.password.get_secret_value(),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "newsreel_runtime.command",
        "bus",
        *words,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return Ran(process.returncode or 0, out.decode(), err.decode())


@pytest.fixture(scope="module")
async def admin(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kafka]:
    """An administrator's login at a Kafka in which nothing was made yet, but one topic that is too narrow."""
    port, controller_port = free_ports(2)
    users = {"broker": "broker-secret", "admin": "admin-secret"}
    server = KafkaServer(tmp_path_factory.mktemp("bus"), port, controller_port, users)
    await server.start()
    kafka = Kafka(bootstrap=server.bootstrap, user="admin", password=SecretStr("admin-secret"))
    (mail,) = (topic for topic in wanted() if topic.name == NARROW)
    kept = {**mail.config, "min.insync.replicas": "1"}  # an operator's own setting
    await topics.create(admin_client(kafka), [Wanted(NARROW, 3, kept), Wanted("theirs", 1, {})], 1)
    yield kafka
    await server.stop()


async def test_a_new_kafka_is_planned_applied_and_planned_again(admin: Kafka, tmp_path: Path) -> None:
    planned = await bus(admin, "plan")
    assert planned.code == 2
    lines = planned.out.splitlines()
    assert len([line for line in lines if line.startswith("+ topic")]) == len(wanted()) - 1
    assert len([line for line in lines if line.startswith("+ right")]) == len(rights())
    assert f"! topic   {NARROW} has 3 partitions, is to have 12" in planned.out

    passwords = tmp_path / "users"
    passwords.mkdir()
    (passwords / "catalog").write_text("a-password-of-catalog\n")
    applied = await bus(admin, "apply", "--users", str(passwords))
    assert applied.code == 1, applied.err
    assert f"! topic   {NARROW} has 3 partitions" in applied.out
    assert "a-password-of-catalog" not in applied.out + applied.err
    catalog = Kafka(bootstrap=admin.bootstrap, user="catalog", password=SecretStr("a-password-of-catalog"))
    assert await visible(catalog) == {"catalog.video.v1", "catalog.transcript.v1"}

    allowed = await bus(admin, "apply", "--add-partitions")
    assert (allowed.code, AS_IT_SHOULD in allowed.out) == (0, True), allowed.out
    again = await bus(admin, "apply")
    assert (again.code, again.out.strip()) == (0, AS_IT_SHOULD)
    assert await bus(admin, "plan") == Ran(0, f"{AS_IT_SHOULD}\n", "")

    cluster = await topics.look(admin_client(admin), [NARROW, "theirs"])
    assert cluster.topics[NARROW].partitions == 12
    assert cluster.topics[NARROW].config["min.insync.replicas"] == "1"
    assert "theirs" in cluster.topics


async def test_a_setting_that_was_changed_is_set_back(admin: Kafka) -> None:
    await bus(admin, "apply", "--add-partitions")
    await topics.configure(admin_client(admin), {"identity.code.v1": {"retention.ms": "86400000"}})
    planned = await bus(admin, "plan")
    assert planned.code == 2
    assert "~ setting identity.code.v1: retention.ms is 86400000, is to be 3600000" in planned.out
    assert (await bus(admin, "apply")).code == 0
    cluster = await topics.look(admin_client(admin), ["identity.code.v1"])
    assert cluster.topics["identity.code.v1"].config["retention.ms"] == "3600000"


async def test_a_right_beside_the_table_goes_only_when_told(admin: Kafka) -> None:
    await bus(admin, "apply", "--add-partitions")
    client = admin_client(admin)
    stray = acls.binding(Right("portal", "topic", "identity.code.v1", "read"))
    await acls.add(client, frozenset({stray}))
    applied = await bus(admin, "apply")
    assert (applied.code, "taken away only with --revoke" in applied.out) == (0, True)
    assert stray in await acls.list_acls(client)
    assert (await bus(admin, "apply", "--revoke")).code == 0
    assert stray not in await acls.list_acls(client)


async def test_another_team_is_let_in_and_out(admin: Kafka) -> None:
    await bus(admin, "apply", "--add-partitions")
    before = await acls.list_acls(admin_client(admin))
    granted = await bus(admin, "grant", "partner", "--topics", "catalog.video.v1")
    assert granted.code == 0
    assert granted.out.startswith("partner may read catalog.video.v1, in the groups partner and partner.*")
    mine = await acls.list_acls(admin_client(admin)) - before
    assert {(acl.principal, acl.name) for acl in mine} == {
        ("User:partner", name) for name in ("catalog.video.v1", "partner", "partner.")
    }
    assert (await bus(admin, "plan")).code == 0  # a team's reading of public topics is no difference
    await bus(admin, "grant", "partner", "--topics", "catalog.video.v1", "--revoke")
    assert await acls.list_acls(admin_client(admin)) == before


async def test_a_team_may_have_one_group_of_any_name_but_ours(admin: Kafka) -> None:
    granted = await bus(admin, "grant", "partner", "--group", "news.desk", "--topics", "catalog.video.v1")
    assert (granted.code, granted.out) == (0, "partner may read catalog.video.v1, in the group news.desk\n")
    planned = await bus(admin, "plan")
    assert "news.desk" not in planned.out
    words = ("grant", "partner", "--group", "news.desk", "--topics", "catalog.video.v1", "--revoke")
    assert (await bus(admin, *words)).code == 0
    ours = await bus(admin, "grant", "partner", "--group", "notifier-newsletter")
    assert (ours.code, "is a group of ours" in ours.err) == (1, True)


async def test_a_private_topic_is_not_granted(admin: Kafka) -> None:
    refused = await bus(admin, "grant", "partner", "--topics", "identity.code.v1")
    assert (refused.code, refused.err.strip()) == (1, "bus: not a public topic: identity.code.v1")


async def test_a_login_that_is_no_administrator_changes_nothing(admin: Kafka, tmp_path: Path) -> None:
    (tmp_path / "notifier").write_text("a-password-of-notifier")
    await bus(admin, "apply", "--add-partitions", "--users", str(tmp_path))
    theirs = Kafka(bootstrap=admin.bootstrap, user="notifier", password=SecretStr("a-password-of-notifier"))
    for words in (("plan",), ("apply",), ("grant", "partner")):
        ran = await bus(theirs, *words)
        assert ran.code == 1
        assert "notifier may not do this (" in ran.err
        assert "_AUTHORIZATION_FAILED); an administrator's login stands in " in ran.err
        assert "Traceback" not in ran.err
    assert (await bus(admin, "plan")).code == 0


async def test_what_cannot_be_reached_is_named() -> None:
    (port,) = free_ports(1)
    nobody = Kafka(bootstrap=f"127.0.0.1:{port}", user="admin", password=SecretStr("x"))
    for words in (("plan",), ("apply",)):
        ran = await bus(nobody, *words)
        assert ran.code == 1
        assert f"bus: Kafka at 127.0.0.1:{port}: " in ran.err
        assert "Traceback" not in ran.err


async def test_a_folder_without_passwords_is_refused_before_anything_is_done(
    admin: Kafka, tmp_path: Path
) -> None:
    ran = await bus(admin, "apply", "--users", str(tmp_path))
    assert (ran.code, "holds no file" in ran.err) == (1, True)
    (tmp_path / "catalog").write_text("short")
    ran = await bus(admin, "apply", "--users", str(tmp_path))
    assert (ran.code, "short" in ran.err) == (1, False)
