"""How parked records are shown: lines for people, JSON for programs; what is no text as Python or base64."""

import json
import re
from base64 import b64decode, b64encode
from typing import Any

from newsreel_events import TOPICS
from newsreel_runtime.dlq.replay import ParkedEntry

_PRIVATE = {topic.name for topic in TOPICS if not topic.public}
_OPAQUE = re.compile(rb"[0-9a-f:-]{1,64}")  # ids of ours; anything else may be personal
_OURS = re.compile(r"ce_(id|type|source|time|specversion|dataschema)|content-type|traceparent|tracestate")
_WITHHELD = "(withheld: the topic is private; --private shows it)"


def as_text(raw: bytes) -> str | None:
    """The bytes as text if a terminal shows them as they are, else None."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def _bytes(raw: bytes | None) -> dict[str, str | None] | None:
    return None if raw is None else {"text": as_text(raw), "base64": b64encode(raw).decode()}


def _words(shown: Any) -> str:
    if shown is None:
        return "(none)"
    if "withheld" in shown:
        return _WITHHELD
    return str(shown["text"]) if shown["text"] is not None else repr(b64decode(shown["base64"]))


def _key(entry: ParkedEntry, *, private: bool) -> dict[str, Any] | None:
    key = entry.letter.key
    hidden = entry.letter.place.topic in _PRIVATE and not private
    return {"withheld": True} if hidden and key and not _OPAQUE.fullmatch(key) else _bytes(key)


def summary(entry: ParkedEntry, *, private: bool) -> dict[str, Any]:
    """One record without its content, as plain data."""
    letter, row = entry.letter, entry.row
    return {
        "record": str(letter.place),
        "waits": row is not None,
        "behind": row.behind if row else letter.reason["dlq_exception_type"] == "BehindError",
        "key": _key(entry, private=private),
        "type": letter.type,
        "exception_type": row.exception_type if row else letter.reason["dlq_exception_type"],
        "exception_message": row.exception_message if row else letter.reason["dlq_exception_message"],
        "attempts": row.attempts if row else letter.attempts,
        "replays": row.replays if row else 0,
        "failed_at": (row.failed_at if row else letter.failed_at).isoformat(),
        "left_out": letter.left_out or None,
    }


def whole(entry: ParkedEntry, *, private: bool) -> dict[str, Any]:
    """One record with all of its bytes; what may be personal is withheld unless `private`."""
    letter = entry.letter
    hidden = letter.place.topic in _PRIVATE and not private
    headers = [
        [name, {"withheld": True} if hidden and not _OURS.fullmatch(name) else _bytes(value)]
        for name, value in letter.headers
    ]
    value = {"withheld": True} if hidden and letter.value is not None else _bytes(letter.value)
    return summary(entry, private=private) | {"reason": letter.reason, "headers": headers, "value": value}


def line(entry: ParkedEntry, *, private: bool) -> str:
    said = summary(entry, private=private)
    why = (
        "behind an earlier one"
        if said["behind"]
        else f"{said['exception_type']}: {said['exception_message']}"
    )
    tries = f"{said['attempts']} tries" + (f", {said['replays']} replays" if said["replays"] else "")
    gone = "" if said["waits"] else "  [waits no longer]"
    gone += f"  [no value: {said['left_out']}]" if said["left_out"] else ""
    return (
        f"{said['record']}  {said['failed_at'][:19]}  key {_words(said['key'])}  "
        f"{said['type'] or '(no type)'}  {why}  ({tries}){gone}"
    )


def page(entry: ParkedEntry, *, private: bool) -> str:
    said = whole(entry, private=private)
    rows = [("record", said["record"]), ("waits", "yes" if said["waits"] else "no longer")]
    rows += [("key", _words(said["key"]))]
    rows += [(f"header {name}", _words(value)) for name, value in said["headers"]]
    left_out = said["left_out"]
    rows += [("value", f"(left out: {left_out})" if left_out else _words(said["value"]))]
    rows += [(name.replace("_", " ", 1), text or "(none)") for name, text in said["reason"].items()]
    if said["replays"]:
        rows += [("last failure", f"{said['exception_type']}: {said['exception_message']}")]
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {text}" for name, text in rows)


def as_json(shown: Any) -> str:
    return json.dumps(shown, ensure_ascii=False)
