"""The chain of the audit: each kind of tampering is found, in the records as in the exported file."""

import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.commands import audit
from delivery.commands.audit_file import AuditFile, AuditFileError
from delivery.domain.audit import GENESIS, START, Entry, Place, Record, append
from delivery.domain.audit_check import Check
from newsreel_testing.audit_chains import FIRST_DAY, a_chain, an_entry, an_id, as_file, day_turns

_CHAIN = a_chain(9)
_PLACES = st.integers(0, len(_CHAIN) - 1)
_CHANGES: dict[str, Any] = {
    "kind": "completed",
    "occurred_at": FIRST_DAY + timedelta(microseconds=1),
    "grant_id": an_id(999),
    "pseudonym": an_id(999),
    "video_id": an_id(999),
    "rendition_id": an_id(999),
    "version": 999,
    "reason": "expired",
}


def judged(records: list[Record], end: Place | None = None) -> str | None:
    """What is wrong with them, by a check that knows the end."""
    check = Check(START, end or _CHAIN[-1].place)
    for record in records:
        if wrong := check.take(record):
            return wrong
    return check.finish()


def judged_file(text: str, tmp_path: Path, *known: str) -> int:
    path = tmp_path / "audit.jsonl"
    path.write_text(text)
    try:
        return audit.verify_file(path, known)
    except AuditFileError:
        return 1


def test_a_chain_is_whole_across_midnight() -> None:
    assert day_turns(_CHAIN) == 1
    assert [record.number for record in _CHAIN] == [1, 2, 1, 2, 3, 4, 5, 6, 7]
    assert _CHAIN[2].previous == _CHAIN[1].hash, "a day begins with the hash that ended the day before"
    assert _CHAIN[0].previous == GENESIS
    assert judged(_CHAIN) is None
    assert judged([]) is not None


@given(place=_PLACES, name=st.sampled_from(sorted(_CHANGES)))
def test_a_changed_record_is_named(place: int, name: str) -> None:
    changed = replace(_CHAIN[place], entry=replace(_CHAIN[place].entry, **{name: _CHANGES[name]}))
    wrong = judged([*_CHAIN[:place], changed, *_CHAIN[place + 1 :]])
    assert wrong is not None
    assert wrong.startswith(f"{_CHAIN[place].place.name} was changed")


@given(place=_PLACES, name=st.sampled_from(sorted(_CHANGES)))
def test_a_changed_record_with_a_hash_of_its_own_is_found_at_the_next_one(place: int, name: str) -> None:
    behind = _CHAIN[place - 1].place if place else START
    forged = append(behind, replace(_CHAIN[place].entry, **{name: _CHANGES[name]}), _CHAIN[place].recorded_at)
    wrong = judged([*_CHAIN[:place], forged, *_CHAIN[place + 1 :]])
    assert wrong is not None
    following = _CHAIN[place + 1].place.name if place + 1 < len(_CHAIN) else _CHAIN[-1].place.name
    assert wrong.startswith(following)


@given(place=_PLACES)
def test_a_missing_record_is_named(place: int) -> None:
    wrong = judged([*_CHAIN[:place], *_CHAIN[place + 1 :]])
    assert wrong is not None
    if place == 1:  # the last of its day: only the first of the next one can tell
        assert wrong.startswith(f"{_CHAIN[2].place.name} does not follow")
    else:
        assert f"{_CHAIN[place].place.name} is missing" in wrong or wrong.startswith(_CHAIN[place].place.name)


@given(first=_PLACES, last=_PLACES)
def test_missing_records_are_found(first: int, last: int) -> None:
    kept = [record for place, record in enumerate(_CHAIN) if not first <= place <= last]
    assert (judged(kept) is None) == (first > last)


@given(place=st.integers(0, len(_CHAIN)), number=st.integers(1, 9), day=st.integers(0, 2))
def test_an_inserted_record_is_found(place: int, number: int, day: int) -> None:
    behind = _CHAIN[place - 1].place if place else START
    forged = append(behind, an_entry(number), FIRST_DAY + timedelta(days=day))
    assert judged([*_CHAIN[:place], forged, *_CHAIN[place:]], _CHAIN[-1].place) is not None or (
        place == len(_CHAIN)  # behind the end: that is how a chain grows
    )


@given(order=st.permutations(range(len(_CHAIN))))
def test_another_order_is_found(order: list[int]) -> None:
    wrong = judged([_CHAIN[place] for place in order])
    assert (wrong is None) == (order == sorted(order))


@given(place=_PLACES)
def test_a_chain_that_was_written_anew_lacks_the_hash_that_was_noted(place: int) -> None:
    """Who may write the database can make a whole chain of other entries: the noted hash finds it."""
    behind, forged = _CHAIN[place - 1].place if place else START, list(_CHAIN[:place])
    for record in _CHAIN[place:]:
        entry = replace(record.entry, grant_id=an_id(999))
        forged.append(append(forged[-1].place if forged else behind, entry, record.recorded_at))
    unaware = Check(START, forged[-1].place)
    aware = Check(START, forged[-1].place, [_CHAIN[-1].hash])
    assert all(check.take(record) is None for record in forged for check in (unaware, aware))
    assert unaware.finish() is None
    assert "was written anew" in str(aware.finish())


def test_the_clock_may_go_back() -> None:
    first = append(START, an_entry(1), FIRST_DAY + timedelta(days=2))
    second = append(first.place, an_entry(2), FIRST_DAY)
    assert (second.day, second.number) == (first.day, 2)


def test_an_exported_file_is_verified_without_a_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert judged_file(as_file(_CHAIN), tmp_path, _CHAIN[4].hash) == 0
    assert capsys.readouterr().out.startswith("9 records, each as it was written; 2026-11-27/7 is the last: ")
    part = _CHAIN[2:]
    assert judged_file(as_file(part, start=_CHAIN[1].place), tmp_path) == 0
    assert f"behind 2026-11-26/2 {_CHAIN[1].hash}" in capsys.readouterr().out
    assert judged_file(as_file([]), tmp_path) == 0
    assert judged_file(as_file(_CHAIN), tmp_path, "f" * 64) == 1


@given(line=st.integers(0, 10), place=st.integers(0, 400), letter=st.sampled_from("0a9fz"))
def test_each_letter_of_the_file_counts(
    tmp_path_factory: pytest.TempPathFactory, line: int, place: int, letter: str
) -> None:
    lines = as_file(_CHAIN).splitlines(keepends=True)
    text = lines[line]
    place %= len(text) - 1
    lines[line] = text[:place] + letter + text[place + 1 :]
    path = tmp_path_factory.mktemp("file")
    # what the first line says stands under no hash of this file but as the place of the first record
    same = json_of(lines[line]) == json_of(text)
    assert (judged_file("".join(lines), path) == 0) == same or line == 0


def json_of(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


@given(first=st.integers(0, 10), last=st.integers(0, 10))
def test_lines_that_are_cut_out_are_missed(
    tmp_path_factory: pytest.TempPathFactory, first: int, last: int
) -> None:
    lines = as_file(_CHAIN).splitlines(keepends=True)
    kept = "".join(line for place, line in enumerate(lines) if not first <= place <= last)
    assert (judged_file(kept, tmp_path_factory.mktemp("file")) == 0) == (first > last)


@pytest.mark.parametrize(
    "text", ["", "{}\n", "x" * 5000, as_file(_CHAIN) + "\n", as_file(_CHAIN)[:-1] + as_file(_CHAIN)]
)
def test_what_is_no_export_is_refused(text: str) -> None:
    with pytest.raises(AuditFileError):
        list(AuditFile(StringIO(text)).records())


def test_no_two_entries_have_the_same_bytes() -> None:
    """A value moved over a field's edge is another record (research/media.md §6: boundary shift)."""
    entry: Entry = an_entry(2)
    one = append(START, replace(entry, version=1, reason=None), FIRST_DAY)
    two = append(START, replace(entry, version=None, reason="x"), FIRST_DAY)
    assert one.hash != two.hash
