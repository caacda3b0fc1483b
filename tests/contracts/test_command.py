"""`python -m newsreel_events`, as another team uses it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from newsreel_events import EVENTS, TOPICS
from newsreel_events.__main__ import main
from newsreel_events.examples import example_of

MAIL = "newsreel.notifier.mail.accepted.v1"


def test_topics_lists_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["topics"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == [topic.name for topic in TOPICS]
    private = {line.split()[0] for line in lines if "its consumers only" in line}
    assert private == {topic.name for topic in TOPICS if not topic.public}


def test_topics_as_json_has_every_type(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["topics", "--json"]) == 0
    table = json.loads(capsys.readouterr().out)
    assert {type_ for topic in table.values() for type_ in topic["types"]} == EVENTS.keys()


@pytest.mark.parametrize("event_type", EVENTS)
def test_show_explains_every_type(event_type: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", event_type]) == 0
    out = capsys.readouterr().out
    for name in EVENTS[event_type].model_fields:
        assert f"\n{name} " in out
    assert main(["show", event_type, "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)["$id"] == f"urn:newsreel:schema:{event_type}"


def test_an_unknown_type_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["show", "newsreel.unknown.v1"]) == 1
    assert "no such type" in capsys.readouterr().err


@pytest.mark.parametrize("event_type", EVENTS)
def test_what_show_gives_validate_takes(
    event_type: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["show", event_type, "--example"]) == 0
    (tmp_path / "record.json").write_text(capsys.readouterr().out)
    assert main(["validate", str(tmp_path / "record.json")]) == 0
    assert event_type in capsys.readouterr().out


def test_a_tombstone_is_valid_on_a_compacted_topic(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for topic, code in (("identity.contact.v1", 0), ("notifier.mail.v1", 1), ("no.topic.v1", 1)):
        record: dict[str, object] = {"topic": topic, "key": "k", "headers": {}, "value": None}
        (tmp_path / "record.json").write_text(json.dumps(record))
        assert main(["validate", str(tmp_path / "record.json")]) == code
    assert "no.topic.v1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('"kind": "signup_code"', '"kind": "Sign up!"', "not valid: kind"),
        ('"generation": 1', '"generation": "1"', "not valid: generation"),
        ('"generation": 1', '"generation": true', "not valid: generation"),
        ('"ce_id": "', '"ce_id": "x', "attributes are not valid: id"),
        ('"ce_id"', '"ce_time": "2026-03-02T09:14:07Z", "ce_id"', "ce_time comes twice"),
        (
            '"content-type": "application/json"',
            '"content-type": "application/cloudevents+json"',
            "structured",
        ),
        ("mail.accepted.v1", "mail.accepted.v9", "does not know"),
        ('"headers": {', '"headers": "none", "x": {', "a record looks like"),
        ("{", "", "no JSON"),
    ],
)
def test_validate_says_what_is_wrong(
    old: str, new: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "record.json").write_text(example_of(MAIL).replace(old, new))
    assert main(["validate", str(tmp_path / "record.json")]) == 1
    assert why in capsys.readouterr().err


def test_one_bad_file_of_several_is_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "good.json").write_text(example_of(MAIL))
    assert main(["validate", str(tmp_path / "good.json"), str(tmp_path / "none.json")]) == 1
    assert "good.json" in capsys.readouterr().out


def test_standard_input_is_read() -> None:
    command = [sys.executable, "-m", "newsreel_events", "validate", "-"]
    assert subprocess.run(command, input=example_of(MAIL), text=True, check=False).returncode == 0
    assert subprocess.run(command, input="{}", text=True, check=False, capture_output=True).returncode == 1


@pytest.mark.parametrize(
    "arguments", [[], ["unknown"], ["tail", "no.topic.v1"], ["show", "a", "--schema", "--example"]]
)
def test_wrong_usage_is_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        main(arguments)
    assert raised.value.code == 2
