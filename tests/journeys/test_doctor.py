"""`newsreel doctor` beside a stack that is well, and with one thing wrong at a time."""

import asyncio
import shutil
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from pathlib import Path

import pytest

from newsreel_local.environment import SERVICES
from newsreel_local.stack import RunningStack
from newsreel_testing.databases import Databases
from newsreel_testing.environment import environment_of


async def doctor(variables: dict[str, str], *words: str) -> tuple[int | None, str]:
    """Exit code, and what it prints."""
    command = (str(Path(sys.executable).with_name("newsreel")), "doctor", *words)
    started = await create_subprocess_exec(*command, env=variables, stdout=PIPE, stderr=PIPE)
    output, errors = await asyncio.wait_for(started.communicate(), 60)
    assert b"Traceback" not in errors
    return started.returncode, (output + errors).decode()


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_that_is_well_has_no_wrong_line(stack: RunningStack, service: str) -> None:
    variables = stack.layout.process(service)
    code, said = await doctor(variables, service)
    assert (code, "WRONG" in said) == (0, False), said
    assert said.startswith(f"newsreel-{service} 0.")
    secrets = [text for name, text in variables.items() if "PASSWORD" in name or "KEY" in name]
    assert not any(secret in said for secret in secrets)


# What is changed in the environment of a service, and what the doctor says of it.
WRONG = [
    ("identity", {"NEWSREEL_IDENTITY_ISSUER": None}, "NEWSREEL_IDENTITY_ISSUER: Field required"),
    ("identity", {"NEWSREEL_IDENTITY_HASH_THREAD": "4"}, "NEWSREEL_IDENTITY_HASH_THREADS is meant?"),
    (
        "identity",
        {"NEWSREEL_POSTGRES_PORT": "1"},
        "does not answer: NEWSREEL_POSTGRES_HOST, _PORT",
    ),
    ("identity", {"NEWSREEL_POSTGRES_PASSWORD": "x"}, "refuses identity: NEWSREEL_POSTGRES_USER, _PASSWORD"),
    ("identity", {"NEWSREEL_KAFKA_BOOTSTRAP": "127.0.0.1:1"}, "cannot be asked: NEWSREEL_KAFKA_BOOTSTRAP"),
    (
        "identity",
        {"NEWSREEL_KAFKA_PASSWORD": "x"},
        "cannot be asked: NEWSREEL_KAFKA_BOOTSTRAP",
    ),
    (
        "identity",
        {"NEWSREEL_KAFKA_TLS": "true", "NEWSREEL_KAFKA_CA": "/nowhere.pem"},
        "/nowhere.pem cannot be read: NEWSREEL_KAFKA_CA",
    ),
    ("notifier", {"NEWSREEL_NOTIFIER_SMTP_PORT": "1"}, "connect: ConnectionRefusedError"),
    ("notifier", {"NEWSREEL_NOTIFIER_SMTP_TLS": "starttls"}, "starttls: not offered"),
    (
        "portal",
        {"NEWSREEL_PORTAL_CATALOG_ORIGIN": "http://127.0.0.1:1"},
        "127.0.0.1:1 does not answer",
    ),
    ("delivery", {"NEWSREEL_DELIVERY_MEDIA_ROOT": "/nowhere"}, "/nowhere cannot be read: mount it"),
]


@pytest.mark.parametrize(("service", "changed", "words"), WRONG)
async def test_what_is_wrong_is_named_with_what_mends_it(
    stack: RunningStack, service: str, changed: dict[str, str | None], words: str
) -> None:
    variables = stack.layout.process(service)
    for name, text in changed.items():
        variables.pop(name, None)
        variables |= {name: text} if text is not None else {}
    code, said = await doctor(variables, service)
    assert code == 1
    [line] = [line for line in said.splitlines() if line.startswith("WRONG")]
    assert words in line


async def test_another_services_login_has_no_rights_here(stack: RunningStack) -> None:
    own, other = stack.layout.process("catalog"), stack.layout.process("delivery")
    login = {name: other[name] for name in ("NEWSREEL_KAFKA_USER", "NEWSREEL_KAFKA_PASSWORD")}
    code, said = await doctor(own | login, "catalog")
    assert code == 1
    assert "catalog.transcript.v1 is not there, or delivery has no right on it: newsreel bus apply" in said


async def test_a_schema_that_is_behind_is_named(stack: RunningStack, databases: Databases) -> None:
    async with databases.fresh("newsreel_runtime") as behind:
        variables = stack.layout.process("catalog") | environment_of(behind)
        code, said = await doctor(variables, "catalog")
        assert code == 1
        assert "migration 0001 of catalog is not applied: run `python -m catalog migrate`" in said
        migrate = (sys.executable, "-m", "catalog", "migrate")
        migrating = await create_subprocess_exec(*migrate, env=variables, stdout=PIPE)
        await migrating.communicate()
        assert "has every migration" in (await doctor(variables, "catalog"))[1]


async def test_which_service_has_to_be_said_where_there_are_several() -> None:
    code, said = await doctor({"PATH": str(shutil.which("python3"))})
    assert (code, "which SERVICE?" in said) == (2, True)
