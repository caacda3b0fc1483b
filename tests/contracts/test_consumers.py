"""What the package shows other teams works: README's snippets, a Java and a Go consumer, on a real bus."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from newsreel_events import catalog, parse
from newsreel_events.record_file import RecordFile
from newsreel_local.kafka_jars import paths
from newsreel_local.paths import CHECKOUT
from newsreel_runtime.settings import Kafka
from newsreel_testing.bus import an_envelope, foreign_producer

PACKAGE = CHECKOUT / "shared/events"
AWAY = ("dial tcp", "i/o timeout", "no such host", "connection refused", "proxyconnect")
TOO_OLD = "requires go >="


def snippets() -> dict[str, str]:
    """README's programs by the client's name."""
    return dict(re.findall(r"^```python (\S+)\n(.*?)^```$", (PACKAGE / "README.md").read_text(), re.M | re.S))


def made_for(kafka: Kafka, program: str) -> str:
    """The program with the values of this bus; each of them is in it once."""
    assert kafka.user is not None
    assert kafka.password is not None
    values = {
        "kafka:9092": kafka.bootstrap,
        "my-team": kafka.user,
        "my-password": kafka.password.get_secret_value(),
        "my-team.videos": f"{kafka.user}.{uuid4()}",
    }
    for shown, value in values.items():
        assert program.count(f'"{shown}"') == 1
        program = program.replace(f'"{shown}"', f'"{value}"')
    tls = '"SASL_SSL"' if '"SASL_SSL"' in program else ", ssl_context=ssl.create_default_context()"
    assert program.count(tls) == 1
    return program.replace(tls, '"SASL_PLAINTEXT"' if tls == '"SASL_SSL"' else "")


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
    """A video's tombstone, an event of a later version, an event; the ids of the video and of the event."""
    record = golden["newsreel.catalog.video.published.v1"]
    _, event = parse(record.headers, record.key.encode(), record.value)
    assert isinstance(event, catalog.VideoPublishedV1)
    video_id = uuid4()
    event = event.model_copy(update={"video": event.video.model_copy(update={"video_id": video_id})})
    envelope = an_envelope(event)
    later = [(n, b"newsreel.catalog.video.sung.v1" if n == "ce_type" else v) for n, v in envelope.headers()]
    async with foreign_producer(kafka) as producer:
        for headers, value in (
            ([], None),
            (later, b'{"video": "unheard of"}'),
            (envelope.headers(), event.model_dump_json().encode()),
        ):
            await producer.send_and_wait(event.topic, value, key=event.key.encode(), headers=headers)
    return video_id, envelope.id


def right(printed: Sequence[str], sent: tuple[UUID, UUID]) -> None:
    """Of this video: forgotten first, then known; of the type in between, nothing."""
    video_id, event_id = sent
    of_it = [line for line in printed if str(video_id) in line]
    assert len(of_it) == 2
    assert of_it[0].split() == ["forget", str(video_id)]
    assert of_it[1].split()[0] == str(event_id)
    assert not [line for line in printed if "sung" in line or "unheard" in line]


@pytest.mark.parametrize("client", ["aiokafka", "faststream", "confluent-kafka"])
async def test_a_snippet_of_the_readme(
    client: str, team: Kafka, sent: tuple[UUID, UUID], tmp_path: Path
) -> None:
    program = tmp_path / "subscribe.py"
    program.write_text(made_for(team, snippets()[client]))
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    right(await seen([sys.executable, str(program)], environment, str(sent[1])), sent)


@pytest.mark.parametrize("compiled", [java, go])
async def test_a_consumer_in_another_language(
    compiled: Callable[[Path], list[str]], team: Kafka, sent: tuple[UUID, UUID], tmp_path: Path
) -> None:
    assert team.user is not None
    assert team.password is not None
    environment = os.environ | {
        "KAFKA_BOOTSTRAP": team.bootstrap,
        "KAFKA_USER": team.user,
        "KAFKA_PASSWORD": team.password.get_secret_value(),
        "KAFKA_PROTOCOL": "SASL_PLAINTEXT",
        "KAFKA_GROUP": f"{team.user}.{uuid4()}",
    }
    command = await asyncio.to_thread(compiled, tmp_path)
    right(await seen(command, environment, str(sent[1])), sent)


def test_what_the_readme_types_at_a_shell_works() -> None:
    (typed,) = re.findall(r"^```sh\n(.*?)^```$", (PACKAGE / "README.md").read_text(), re.M | re.S)
    lines = [line for line in typed.splitlines() if " tail " not in line]
    assert len(lines) == len(typed.splitlines()) - 1
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for line in lines:
        command = ["/bin/sh", "-c", line]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), line


def test_every_program_stays_short() -> None:
    files = [path for path in (PACKAGE / "consumers").rglob("*") if path.suffix in {".java", ".go"}]
    programs = [*snippets().values(), *(path.read_text() for path in files)]
    assert len(programs) == 5
    assert all(len(program.splitlines()) <= 60 for program in programs)
