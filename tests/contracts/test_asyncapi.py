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
from newsreel_local.paths import DOWNLOADS

HERE = Path(__file__).parent / "asyncapi"
DOCUMENTS = Path(__file__).resolve().parents[2] / "docs/asyncapi"
AWAY = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "network")

Check = Callable[[Path], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def check() -> Check:
    """Errors and warnings of the parser, installed once per version into the checkout's own folder."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("AsyncAPI's parser needs node and npm")
    lock = (HERE / "package-lock.json").read_bytes()
    folder = DOWNLOADS / f"asyncapi-parser-{hashlib.sha256(lock).hexdigest()[:16]}"
    if not (folder / "complete").exists():
        shutil.copytree(HERE, folder, dirs_exist_ok=True)
        done = subprocess.run(
            [npm, "ci", "--ignore-scripts"], cwd=folder, capture_output=True, text=True, check=False
        )
        if done.returncode != 0 and any(word in done.stderr for word in AWAY):
            pytest.skip("AsyncAPI's parser cannot be fetched: no network")
        assert done.returncode == 0, done.stderr
        (folder / "complete").touch()

    def run(document: Path) -> list[dict[str, Any]]:
        shutil.copy(HERE / "check.cjs", folder)
        command = [node, str(folder / "check.cjs"), str(document)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return [one for one in found if one["code"] != "asyncapi-latest-version"]

    return run


@pytest.mark.parametrize("service", services(TOPICS))
def test_the_parser_accepts_it(service: str, check: Check) -> None:
    assert check(DOCUMENTS / f"{service}.json") == []


def spoil_an_action(document: dict[str, Any]) -> None:
    document["operations"]["send.notifier.mail.v1"]["action"] = "publish"


def lose_a_message(document: dict[str, Any]) -> None:
    del document["components"]["messages"]["MailAcceptedV1"]


def lose_a_channel(document: dict[str, Any]) -> None:
    del document["channels"]["notifier.mail.v1"]


@pytest.mark.parametrize("mistake", [spoil_an_action, lose_a_message, lose_a_channel])
def test_a_planted_mistake_is_seen(
    mistake: Callable[[dict[str, Any]], None], check: Check, tmp_path: Path
) -> None:
    document = asyncapi("notifier", TOPICS)
    mistake(document)
    (tmp_path / "planted.json").write_text(json.dumps(document))
    assert check(tmp_path / "planted.json") != []


@pytest.mark.parametrize("service", services(TOPICS))
def test_it_says_what_the_table_says(service: str) -> None:
    document = asyncapi(service, TOPICS)
    operations = {
        (one["action"], one["channel"]["$ref"].rpartition("/")[2]) for one in document["operations"].values()
    }
    sent = {("send", topic.name) for topic in TOPICS if topic.producer == service}
    assert operations == sent | {("receive", topic.name) for topic in TOPICS if service in topic.consumers}
    for topic in TOPICS:
        if topic.name in document["channels"]:
            messages = document["channels"][topic.name]["messages"]
            named = [document["components"]["messages"][name]["name"] for name in messages]
            assert named == [event.type for event in topic.events]


@pytest.mark.parametrize("service", services(TOPICS))
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
