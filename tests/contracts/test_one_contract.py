"""Trial C13: `parse` and the JSON Schema are one contract. Whatever is in a record, both agree."""

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsreel_events import EVENTS, MalformedError, parse
from newsreel_events.examples import example_of
from newsreel_events.record_file import RecordFile
from newsreel_events.schemas import schema_of

Path = tuple[str | int, ...]

TEXTS = [
    *("", "3", "true", "null", "1764140400", "usable", "broadcast", "en", "pt-BR", "x" * 65, "a b", "x\n"),
    *("{0af76519-16cd-43dd-8448-eb211c80319c}", "urn:uuid:0af76519-16cd-43dd-8448-eb211c80319c"),
    *("0af7651916cd43dd8448eb211c80319c", "0AF76519-16CD-43DD-8448-EB211C80319C"),
    *(" 0af76519-16cd-43dd-8448-eb211c80319", "0af76519-16cd-43dd-8448-eb211c80319g"),
    *("0af7651916-cd-43dd-8448-eb211c80319c", "0af76519-16cd-43dd-8448-eb211c80319c\n"),
    *("2026-11-26T10:00:00Z", "2026-11-26t10:00:00z", "2026-11-26 10:00:00Z", "2026-11-26T10:00Z"),
    *("2026-11-26T10:00:00", "2026-11-26T10:00:00+0100", "2026-11-26T10:00:00+01", "2026-11-26T23:59:60Z"),
    *("2026-11-26T10:00:00-00:00", "2026-11-26T10:00:00+24:00", "2026-11-26T24:00:00Z"),
    *("0000-01-01T00:00:00Z", "2026-02-30T10:00:00Z", "2026-11-26T10:00:00.1234567890Z"),
    *("2026-11-26T10:00:00.Z", "2026-11-26T10:00:00,5Z", "2026-11-26_10:00:00Z", "2026-11-26T10:00:00Z\n"),
    *("2026-11-26", "2026-11-26T00:00:00Z", "2026-1-1", "20261126", "2026-02-30", "0000-01-01", "2026-330"),
    *("a/b", "../a", "video/mp4", "VIDEO/MP4", "video/mp4\n", "a" * 64, "A" * 64),
]
VALUES = [
    *(
        None,
        True,
        False,
        0,
        1,
        -1,
        3.0,
        3.5,
        -0.0,
        1e2,
        2**31,
        2**53,
        2**53 - 1,
        2**70,
        1e19,
        1764140400,
        1764140400.5,
    ),
    *([], {}, [1], ["en"], [None], {"en": "a"}, {"": "a"}, {"en": 1}, {"EN": "a"}, {"x" * 99: "a"}),
]
ANYTHING = st.one_of(
    st.sampled_from([*TEXTS, *VALUES]),
    st.text(max_size=40),
    st.from_regex(r"[0-9a-f]{8}-?[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{11,13}", fullmatch=True),
    st.from_regex(r"[0-2][0-9]{3}-[01][0-9]-[0-3][0-9]", fullmatch=True),
    st.from_regex(
        r"[0-2][0-9]{3}-[01][0-9]-[0-3][0-9][Tt _]?[0-2][0-9]:[0-6][0-9](:[0-6][0-9]([.][0-9]{0,10})?)?"
        r"([Zz]|[+-][0-2][0-9]:?[0-6][0-9])?",
        fullmatch=True,
    ),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=2),
)


@cache
def golden_record(event_type: str) -> RecordFile:
    return RecordFile.loads(example_of(event_type))


@cache
def schema_judge(event_type: str) -> jsonschema_rs.Validator:
    return jsonschema_rs.validator_for(schema_of(EVENTS[event_type]), validate_formats=True)


def paths(value: Any, at: Path = ()) -> Iterator[Path]:
    """Every place in a JSON value; of a list the first element's alone."""
    if at:
        yield at
    inside = (
        value.items() if isinstance(value, dict) else enumerate(value[:1]) if isinstance(value, list) else ()
    )
    for name, schema in inside:
        yield from paths(schema, (*at, name))


def changed(value: Any, at: Path, new: Any) -> Any:
    """The value with `new` at a place."""
    made = copy.deepcopy(value)
    inside = made
    for name in at[:-1]:
        inside = inside[name]
    inside[at[-1]] = new
    return made


def parse_takes(event_type: str, value: Any) -> bool:
    record = golden_record(event_type)
    try:
        parse(record.headers, record.key.encode(), json.dumps(value).encode())
    except MalformedError:
        return False
    return True


def agree(event_type: str, at: Path, new: Any) -> None:
    value = changed(json.loads(golden_record(event_type).value or b""), at, new)
    by_parse, by_schema = parse_takes(event_type, value), schema_judge(event_type).is_valid(value)
    if at[-1] == "file":  # what a schema cannot say of a file's name, and says in words
        assert by_schema or not by_parse, (at, new)
    else:
        assert by_parse == by_schema, (at, new, by_parse)


def places() -> list[tuple[str, Path]]:
    return [(name, at) for name in EVENTS for at in paths(json.loads(golden_record(name).value or b""))]


@pytest.mark.parametrize("event_type", EVENTS)
def test_both_judges_agree_on_each_field(event_type: str) -> None:
    for at in paths(json.loads(golden_record(event_type).value or b"")):
        for new in [*TEXTS, *VALUES]:
            agree(event_type, at, new)


@settings(max_examples=1500, deadline=None, derandomize=True)
@given(place=st.sampled_from(places()), new=ANYTHING)
def test_both_judges_agree_on_anything(place: tuple[str, Path], new: Any) -> None:
    agree(*place, new)


@pytest.mark.parametrize(
    ("at", "new"),
    [
        (("video", "version"), "3"),
        (("video", "version"), True),
        (("video", "published_at"), 1764140400),
        (("video", "published_at"), "1764140400"),
        (("video", "published_at"), "2026-11-26 10:00:00Z"),
        (("video", "recorded_at"), 1764140400),
        (("video", "video_id"), "{0af76519-16cd-43dd-8448-eb211c80319c}"),
        (("video", "video_id"), "urn:uuid:0af76519-16cd-43dd-8448-eb211c80319c"),
        (("video", "renditions", 0, "size_bytes"), 1.5),
    ],
)
def test_both_refuse_what_the_trial_tried(at: Path, new: Any) -> None:
    name = "newsreel.catalog.video.published.v1"
    value = changed(json.loads(golden_record(name).value or b""), at, new)
    assert not parse_takes(name, value)
    assert not schema_judge(name).is_valid(value)


@pytest.mark.parametrize("flag", ["true", "yes", 1, 0, 1.0])
def test_a_flag_is_true_or_false(flag: Any) -> None:
    agree("newsreel.identity.contact.changed.v1", ("newsletter",), flag)
    value = json.loads(golden_record("newsreel.identity.contact.changed.v1").value or b"")
    assert not parse_takes("newsreel.identity.contact.changed.v1", value | {"newsletter": flag})


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("ce_time", "2026-11-26 10:00:00Z"),
        ("ce_time", "2026-11-26T10:00Z"),
        ("ce_time", "1764140400"),
        ("ce_time", "2026-11-26T10:00:00"),
        ("ce_id", "{0af76519-16cd-43dd-8448-eb211c80319c}"),
        ("ce_id", "urn:uuid:0af76519-16cd-43dd-8448-eb211c80319c"),
        ("ce_id", "0af7651916cd43dd8448eb211c80319c"),
    ],
)
def test_attributes_have_one_form(header: str, text: str) -> None:
    record = golden_record("newsreel.notifier.mail.accepted.v1")
    headers = dict(record.headers) | {header: text.encode()}
    with pytest.raises(MalformedError, match=header.removeprefix("ce_")):
        parse(headers.items(), record.key.encode(), record.value)
