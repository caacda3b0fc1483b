"""What is a name, and what would only look like one."""

import pytest

from identity.domain.display_name import MAX_LENGTH, NameRefusedError, parse_name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("  Ada \u00a0 King\u3000", "Ada King"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("Лариса Косач-Квітка", "Лариса Косач-Квітка"),
        ("نگین\u200cجم", "نگین\u200cجم"),
        ("O\u2019Brien, 3rd", "O\u2019Brien, 3rd"),
        ("e" * MAX_LENGTH, "e" * MAX_LENGTH),
        ("e\u0301" * MAX_LENGTH, "\u00e9" * MAX_LENGTH),
        ("", None),
        (" \u2003 ", None),
    ],
)
def test_a_name_is_kept_in_one_form(typed: str, kept: str | None) -> None:
    assert parse_name(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "Ada\nBcc: eve@example.org",
        "Ada\tLovelace",
        "Ada\0",
        "Ada\x85Lovelace",
        "\u202eecalevoL adA",
        "Ada \u2066Lovelace\u2069",
        "Ada\u200fLovelace",
        "Ada\u2028Lovelace",
        "A\u200bda",
        "Ada\ufeff",
        "Ada \U000e0041",
        "Ada \ue000",
        "Ada \ud800",
        "1815",
        "\u200d",
        "-- ' --",
        "e" * (MAX_LENGTH + 1),
    ],
)
def test_what_is_no_name_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(NameRefusedError) as refused:
        parse_name(typed)
    assert typed not in str(refused.value)
