"""What the package shows other teams works: README's snippets, a Java and a Go consumer, on a real bus."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from confluent_kafka.admin import ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion
from pydantic import SecretStr

from newsreel_bus.acls import add, binding, list_acls
from newsreel_bus.admin import admin_client
from newsreel_events import catalog, parse
from newsreel_events.access import Right, subscriber_rights
from newsreel_events.record_file import RecordFile
from newsreel_events.topics import TOPICS
from newsreel_local.kafka import KafkaServer
from newsreel_local.kafka_jars import paths
from newsreel_local.paths import CHECKOUT
from newsreel_local.process import inherited
from newsreel_runtime.settings import Kafka
from newsreel_testing.bus import an_envelope, foreign_producer, make_topics
from newsreel_testing.wait_until import free_port, until

PACKAGE = CHECKOUT / "shared/events"
AWAY = ("dial tcp", "i/o timeout", "no such host", "connection refused", "proxyconnect")
PACKAGES_AWAY = (
    "dns error",
    "error sending request",
    "connect",
    "timed out",
    "not found in the cache",
    "offline",
)
TOO_OLD = "requires go >="


def programs() -> dict[str, tuple[str, str]]:
    """The READMEs' programs, each with what is said to be installed for it."""
    found = {}
    for page in (CHECKOUT / "README.md", PACKAGE / "README.md"):
        pattern = r"`pip install (\./shared/events [^`]+)`:\n\n```python ?(\S*)\n(.*?)^```$"
        for installed, client, program in re.findall(pattern, page.read_text(), re.M | re.S):
            found[client or "the front page"] = (installed, program)
    return found


def granted(page: str, team: str) -> frozenset[Right]:
    """What the command of the page lets a team do."""
    (names,) = re.findall(rf"^newsreel bus grant {team} --topics (\S+)$", page, re.M)
    return frozenset(subscriber_rights(team, [topic for topic in TOPICS if topic.name in names.split(",")]))


@pytest.fixture(scope="session")
async def kafka(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Kafka]:
    """A Kafka for this module alone: what other tests consume is not to hold its malformed records."""
    folder = tmp_path_factory.mktemp("readers-kafka")
    server = KafkaServer(folder, free_port(), free_port(), {"broker": "secret", "admin": "secret"})
    await server.start()
    settings = Kafka(bootstrap=server.bootstrap, user="admin", password=SecretStr("secret"))
    await make_topics(settings)
    yield settings
    await server.stop()


@pytest.fixture(scope="session")
async def partner(kafka: Kafka) -> dict[str, str]:
    """The environment of another team: a user with the rights that the page on the bus gives, no other."""
    page = (CHECKOUT / "docs/security/bus.md").read_text()
    rights = granted(page, "partner")
    assert {right.kind for right in rights} == {"topic", "group"}
    assert rights <= subscriber_rights("partner")
    admin = admin_client(kafka)
    scram = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096)
    credential = UserScramCredentialUpsertion("partner", scram, b"partner-secret")
    (made,) = admin.alter_user_scram_credentials([credential]).values()
    await asyncio.wrap_future(made)
    acls = frozenset(map(binding, rights))
    await add(admin, acls)

    async def there() -> bool:
        return acls <= await list_acls(admin)

    await until(there, "the partner's rights")
    return {
        "NEWSREEL_KAFKA_BOOTSTRAP": kafka.bootstrap,
        "NEWSREEL_KAFKA_USER": "partner",
        "NEWSREEL_KAFKA_PASSWORD": "partner-secret",
    }


def new_environment(folder: Path, installed: str) -> Path:
    """The Python of an environment that holds what the page says and nothing else."""
    uv = str(CHECKOUT / ".local/uv/bin/uv")
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)], check=True)
    install = [uv, "pip", "install", "--quiet", "--python", str(folder / "bin/python"), *installed.split()]
    done = subprocess.run(install, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    if done.returncode != 0 and any(word in done.stderr.lower() for word in PACKAGES_AWAY):
        pytest.skip("a package index cannot be reached")
    assert done.returncode == 0, done.stderr
    return folder / "bin/python"


def java(folder: Path) -> list[str]:
    """The command of the compiled Java consumer."""
    javac, machine = shutil.which("javac"), shutil.which("java")
    if javac is None or machine is None:
        pytest.skip("there is no JDK here")
    jars = [str(jar) for jar in paths() if re.match("(kafka-clients|slf4j-api|snappy|lz4|zstd)", jar.name)]
    source = PACKAGE / "consumers/java/VideoConsumer.java"
    compile_ = [javac, "-Xlint:all", "-Werror", "-d", str(folder), "-cp", ":".join(jars), str(source)]
    subprocess.run(compile_, check=True)
    return [machine, "-XX:TieredStopAtLevel=1", "-cp", ":".join([str(folder), *jars]), "VideoConsumer"]


def go(folder: Path) -> list[str]:
    """The command of the compiled Go consumer."""
    compiler = shutil.which("go")
    if compiler is None:
        pytest.skip("there is no Go here")
    program = folder / "consumer"
    build = [compiler, "build", "-mod=readonly", "-o", str(program), "."]
    sources = PACKAGE / "consumers/go"
    own = os.environ | {"GOTOOLCHAIN": "local"}
    done = subprocess.run(build, cwd=sources, env=own, capture_output=True, text=True, check=False)
    if TOO_OLD in done.stderr:
        pytest.skip("the Go here is older than franz-go needs")
    if done.returncode != 0 and any(word in done.stderr for word in AWAY):
        pytest.skip("franz-go cannot be fetched: no network")
    assert done.returncode == 0, done.stderr
    return [str(program)]


async def seen(command: Sequence[str], environment: Mapping[str, str], last: str) -> list[str]:
    """What a consumer prints until a line has `last` in it."""
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    printed: list[str] = []
    try:
        async with asyncio.timeout(60):
            while not printed or last not in printed[-1]:
                line = await process.stdout.readline()
                assert line, f"it ended: {printed}"
                printed.append(line.decode())
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
    return printed


@pytest.fixture
async def sent(kafka: Kafka, golden: dict[str, RecordFile]) -> tuple[UUID, UUID]:
    """A tombstone, an event of a later version, malformed ones, an event; the ids of video and event."""
    record = golden["newsreel.catalog.video.published.v1"]
    _, event = parse(record.headers, record.key.encode(), record.value)
    assert isinstance(event, catalog.VideoPublishedV1)
    video_id = uuid4()
    event = event.model_copy(update={"video": event.video.model_copy(update={"video_id": video_id})})
    envelope = an_envelope(event)
    good, value = envelope.headers(), event.model_dump_json().encode()
    later = [(n, b"newsreel.catalog.video.sung.v1" if n == "ce_type" else v) for n, v in good]
    records = [([], None), (later, b'{"video": "unheard of"}')]
    records += [
        (good, b"{"),
        (good, b"{}"),
        ([], value),
        ([("x", b"\xff"), ("content-type", b"application/json")], b"\xff"),
        ([*[pair for pair in good if pair[0] != "ce_source"], ("ce_source", b"\xff")], value),
        ([("content-type", b"application/cloudevents+json")], value),
    ]
    async with foreign_producer(kafka) as producer:
        for headers, data in [*records, (good, value)]:
            await producer.send_and_wait(event.topic, data, key=event.key.encode(), headers=headers)
    return video_id, envelope.id


def right(printed: Sequence[str], sent: tuple[UUID, UUID]) -> None:
    """Of this video: forgotten first, then known; of the type in between, nothing."""
    video_id, event_id = sent
    of_it = [line for line in printed if line.startswith(("forget", str(event_id)))]
    of_it = [line for line in of_it if str(video_id) in line]
    assert [line.split()[0] for line in of_it] == ["forget", str(event_id)]
    assert not [line for line in printed if "sung" in line or "unheard" in line]


@pytest.mark.parametrize("client", ["the front page", "aiokafka", "faststream", "confluent-kafka"])
async def test_a_program_of_the_readme_runs_as_it_stands(
    client: str, partner: dict[str, str], sent: tuple[UUID, UUID], tmp_path: Path
) -> None:
    """Trial C15: in a new environment, with the rights that the page on the bus grants and no other."""
    installed, program = programs()[client]
    python = await asyncio.to_thread(new_environment, tmp_path / "reader", installed)
    (tmp_path / "subscribe.py").write_text(program)
    environment = inherited({**partner, "PYTHONUNBUFFERED": "1"})
    printed = await seen([str(python), str(tmp_path / "subscribe.py")], environment, str(sent[1]))
    right(printed, sent)
    assert len([line for line in printed if line.startswith("set aside")]) >= 6


@pytest.mark.parametrize("compiled", [java, go])
async def test_a_consumer_in_another_language(
    compiled: Callable[[Path], list[str]], partner: dict[str, str], sent: tuple[UUID, UUID], tmp_path: Path
) -> None:
    environment = os.environ | {
        "KAFKA_BOOTSTRAP": partner["NEWSREEL_KAFKA_BOOTSTRAP"],
        "KAFKA_USER": partner["NEWSREEL_KAFKA_USER"],
        "KAFKA_PASSWORD": partner["NEWSREEL_KAFKA_PASSWORD"],
        "KAFKA_PROTOCOL": "SASL_PLAINTEXT",
        "KAFKA_GROUP": f"partner.{uuid4()}",
    }
    command = await asyncio.to_thread(compiled, tmp_path)
    right(await seen(command, environment, str(sent[1])), sent)


def test_what_the_readme_types_at_a_shell_works() -> None:
    typed, _ = re.findall(r"^```sh\n(.*?)^```$", (PACKAGE / "README.md").read_text(), re.M | re.S)
    lines = [line for line in typed.splitlines() if " tail " not in line]
    assert len(lines) == len(typed.splitlines()) - 1
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for line in lines:
        command = ["/bin/sh", "-c", line]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), line


def test_every_program_stays_short() -> None:
    files = [path for path in (PACKAGE / "consumers").rglob("*") if path.suffix in {".java", ".go"}]
    texts = [*(program for _, program in programs().values()), *(path.read_text() for path in files)]
    assert len(texts) == 6
    assert all(len(text.splitlines()) <= 60 for text in texts)
