"""AsyncAPI's own parser accepts each service's document, and sees a planted mistake."""

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from newsreel_contracts.asyncapi import asyncapi, services
from newsreel_events import TOPICS
from newsreel_events.topics import service_of
from newsreel_local.paths import DOWNLOADS

HERE = Path(__file__).parent / "asyncapi"
DOCUMENTS = Path(__file__).resolve().parents[2] / "docs/asyncapi"
AWAY = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "network")

SERVICES = services(TOPICS)

Found = dict[str, list[str]]


def spoil_an_action(document: dict[str, Any]) -> None:
    document["operations"]["send.notifier.mail.v1"]["action"] = "publish"


def lose_a_message(document: dict[str, Any]) -> None:
    del document["components"]["messages"]["MailAcceptedV1"]


def lose_a_channel(document: dict[str, Any]) -> None:
    del document["channels"]["notifier.mail.v1"]


MISTAKES = (spoil_an_action, lose_a_message, lose_a_channel)


def installed(npm: str) -> Path:
    """The folder with the parser; fetched once per version of it."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = DOWNLOADS / f"asyncapi-parser-{hashlib.sha256(lock).hexdigest()[:16]}"
    shutil.copytree(HERE, folder, dirs_exist_ok=True)
    if not (folder / "complete").exists():
        command = [npm, "ci", "--ignore-scripts"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if done.returncode != 0 and any(word in done.stderr for word in AWAY):
            pytest.skip("AsyncAPI's parser cannot be fetched: no network")
        assert done.returncode == 0, done.stderr
        (folder / "complete").touch()
    return folder


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What the parser has against each service's document and against each planted mistake."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("AsyncAPI's parser needs node and npm")
    planted = tmp_path_factory.mktemp("planted")
    for mistake in MISTAKES:
        document = asyncapi("notifier", TOPICS)
        mistake(document)
        (planted / f"{mistake.__name__}.json").write_text(json.dumps(document))
    files = [*(DOCUMENTS / f"{service}.json" for service in SERVICES), *sorted(planted.iterdir())]
    command = [node, str(installed(npm) / "check.cjs"), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: Found = {file.stem: [] for file in files}
    for load in json.loads(done.stdout):
        if load["code"] != "asyncapi-latest-version":  # that 3.1 exists
            told[Path(load["file"]).stem].append(f"{load['path']}: {load['message']}")
    return told


@pytest.mark.parametrize("service", SERVICES)
def test_the_parser_accepts_it(service: str, found: Found) -> None:
    assert found[service] == []


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_planted_mistake_is_seen(mistake: Callable[[dict[str, Any]], None], found: Found) -> None:
    assert found[mistake.__name__] != []


@pytest.mark.parametrize("service", SERVICES)
def test_it_says_what_the_table_says(service: str) -> None:
    document = asyncapi(service, TOPICS)
    operations = {
        (operation["action"], operation["channel"]["$ref"].rpartition("/")[2])
        for operation in document["operations"].values()
    }
    sent = {("send", topic.name) for topic in TOPICS if topic.producer == service}
    assert operations == sent | {
        ("receive", topic.name) for topic in TOPICS if service in map(service_of, topic.consumers)
    }
    for topic in TOPICS:
        if topic.name in document["channels"]:
            messages = document["channels"][topic.name]["messages"]
            named = [document["components"]["messages"][name]["name"] for name in messages]
            assert named == [event.type for event in topic.events]


@pytest.mark.parametrize("service", SERVICES)
def test_its_examples_fit_its_schemas(service: str) -> None:
    document = asyncapi(service, TOPICS)
    for message in document["components"]["messages"].values():
        (example,) = message["examples"]
        for part in ("headers", "payload"):
            validator = jsonschema_rs.validator_for({**message[part], "components": document["components"]})
            assert validator.is_valid(example[part])
            assert not validator.is_valid(
                {**example[part], "ce_type": "newsreel.other.v1"} if part == "headers" else {}
            )
