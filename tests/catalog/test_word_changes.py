"""The difference of two texts, word by word."""

from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.word_changes import Change, compare_words

WORDS = st.lists(
    st.sampled_from(["ane", "bridge", "bends", "by", "l\u2019heure", "міст", "Été", "5", "\u2013", "[…]"]),
    max_size=30,
)


@given(WORDS, WORDS)
def test_the_changes_lead_from_one_text_to_the_other(prepared: list[str], delivered: list[str]) -> None:
    found = compare_words([" ".join(prepared)], [" ".join(delivered)])
    gone = sum(len(change.prepared.split()) for change in found.changes)
    new = sum(len(change.delivered.split()) for change in found.changes)
    assert (found.prepared - gone, found.delivered - new) == (found.both, found.both)


@given(WORDS)
def test_a_text_does_not_differ_from_itself(text: list[str]) -> None:
    found = compare_words([" ".join(text).upper()], text)
    assert (found.changes, found.both) == ((), found.prepared)


def test_a_change_says_where_it_is() -> None:
    found = compare_words(
        ["We agreed to keep it.", "Thanks."], ["We agreed to hold", "it [the reserve]. Thanks."]
    )
    assert found.changes == (Change(0, "We agreed to", "keep", "hold", "it Thanks."),)


def test_what_is_missing_at_the_end_is_in_the_last_segment() -> None:
    assert compare_words(["A b. C d."], ["A", "b."]).changes == (Change(1, "A b.", "C d.", "", ""),)
    assert compare_words(["A"], []).changes == (Change(0, "", "A", "", ""),)
