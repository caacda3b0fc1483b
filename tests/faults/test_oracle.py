"""The oracle of the proof on recorded logs: it takes what is right, and finds each thing that is planted."""

from dataclasses import replace

import pytest

from newsreel_proving.oracle import Event, Findings, Seen, judge

A = [Event("a", number) for number in range(1, 6)]
B = [Event("b", number) for number in range(1, 5)]  # its third one is poisonous
FINE = Seen(
    committed=[*A, *B],
    poisonous=frozenset({B[2]}),
    wire=[A[0], B[0], A[1], A[0], A[1], B[1], *A[2:], *B[2:], B[3]],
    effects={"one": [B[0], *A, B[1]], "two": [*A, *B[:2]]},
    parked={"one": [*B[2:], B[2]], "two": B[2:]},
)


def words(findings: Findings) -> list[str]:
    return [str(finding) for finding in findings.violations]


def test_what_is_right_is_taken_and_repetitions_on_the_bus_are_counted() -> None:
    findings = judge(FINE, ended=True)
    assert words(findings) == []
    assert (findings.redelivered, findings.parked_again) == (3, 1)


def test_what_is_under_way_is_not_lost_yet() -> None:
    under_way = replace(FINE, wire=FINE.wire[:6], effects={"one": A[:2], "two": []}, parked={"one": []})
    assert words(judge(under_way, ended=False)) == []
    assert len(judge(under_way, ended=True).lost) == 5 + 5 + 7 + 2


def test_a_lost_event_is_found_in_every_place() -> None:
    on_the_topic = replace(FINE, wire=[record for record in FINE.wire if record != A[4]])
    assert words(judge(on_the_topic, ended=True)) == ["event 5 of a is missing on the topic"]
    effect = replace(FINE, effects={"one": [*A[:3], *B[:2]]})
    assert words(judge(effect, ended=True)) == [f"event {n} of a is missing at one" for n in (4, 5)]
    parked = replace(FINE, parked={"one": [B[2]]})
    assert words(judge(parked, ended=True)) == ["event 4 of b is missing among the dead letters of one"]


@pytest.mark.parametrize("ended", [True, False])
def test_a_passed_event_is_lost_while_others_are_under_way(ended: bool) -> None:
    passed = replace(FINE, effects={"one": [*A[:2], *A[3:], *B[:2]]})
    assert words(judge(passed, ended=ended)) == ["event 3 of a is missing at one"]


@pytest.mark.parametrize("ended", [True, False])
def test_disorder_is_found_in_every_place(ended: bool) -> None:
    swapped = [A[1], A[0], *A[2:], *B]
    assert words(judge(replace(FINE, wire=swapped), ended=ended)) == [
        "event 1 of a came after 2 on the topic"
    ]
    effects = replace(FINE, effects={"one": swapped[:-2]})
    assert words(judge(effects, ended=ended)) == ["event 1 of a came after 2 at one"]
    parked = replace(FINE, parked={"one": [B[3], B[2]]})
    assert words(judge(parked, ended=ended)) == ["event 3 of b came after 4 among the dead letters of one"]


def test_an_event_that_passes_its_parked_one_is_found() -> None:
    findings = judge(replace(FINE, effects={"one": [*A, *B[:2], B[3]]}), ended=True)
    assert words(findings) == ["event 4 of b had its effect at one, and is to wait"]
    assert findings.reordered == findings.violations


def test_a_doubled_effect_is_found() -> None:
    findings = judge(replace(FINE, effects={"one": [*A, *B[:2], A[1]]}), ended=False)
    assert words(findings) == ["event 2 of a had 2 effects at one"]
    assert findings.doubled == findings.violations


def test_a_stray_dead_letter_is_found_once() -> None:
    findings = judge(replace(FINE, parked={"one": [A[1], *B[2:], A[1]]}), ended=True)
    assert words(findings) == ["event 2 of a is parked by one"]
    assert findings.parked == findings.violations


def test_an_event_that_nobody_committed_is_found() -> None:
    stranger = Event("c", 1)
    findings = judge(
        replace(FINE, wire=[*FINE.wire, stranger], effects={"one": [stranger, *A, *B[:2]]}), ended=True
    )
    assert words(findings) == [
        f"event 1 of c was never committed, and is {place}" for place in ("on the topic", "at one")
    ]


def test_what_was_parked_is_due_once_it_was_replayed() -> None:
    assert len(judge(FINE, ended=True, mended=["one"]).lost) == 2
    mended = replace(FINE, effects={"one": [*A, *B], "two": [*A, *B[:2]]})
    assert words(judge(mended, ended=True, mended=["one"])) == []
    too_early = replace(FINE, effects={"one": [*A, *B[:2], B[3], B[2]]})
    assert words(judge(too_early, ended=True, mended=["one"])) == ["event 3 of b came after 4 at one"]
