"""The code: the same everywhere, uniform, and read however it was typed."""

import json
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.domain.code import derive_code, derive_long_code, read_typed

VECTORS = json.loads((Path(__file__).parents[1] / "contracts" / "code_vectors.json").read_text())


@pytest.mark.parametrize("vector", VECTORS)
def test_the_published_vectors(vector: dict[str, Any]) -> None:
    key = bytes.fromhex(vector["key_hex"])
    challenge_id = UUID(vector["challenge_id"])
    assert derive_code(key, vector["purpose"], challenge_id, vector["generation"]) == vector["code"]
    assert derive_long_code(key, vector["purpose"], challenge_id, vector["generation"]) == vector["long_code"]


def test_the_vectors_hold_a_leading_zero_and_every_purpose() -> None:
    assert len(VECTORS) >= 5
    assert any(vector["code"].startswith("0") for vector in VECTORS)
    assert {vector["purpose"] for vector in VECTORS} == {"signup", "reset", "address"}


@given(st.binary(min_size=32, max_size=32), st.uuids(), st.integers(1, 2**32 - 1))
def test_each_part_changes_the_code(key: bytes, challenge_id: UUID, generation: int) -> None:
    code = derive_code(key, "signup", challenge_id, generation)
    others = [
        derive_code(bytes([key[0] ^ 1]) + key[1:], "signup", challenge_id, generation),
        derive_code(key, "reset", challenge_id, generation),
        derive_code(key, "signup", UUID(int=challenge_id.int ^ 1), generation),
        derive_code(key, "signup", challenge_id, generation ^ 2),
    ]
    # One in 10^8 may coincide by chance; three of four may not.
    assert len(code) == 8
    assert sum(other != code for other in others) >= 3
    long = derive_long_code(key, "signup", challenge_id, generation)
    assert long != derive_long_code(key, "reset", challenge_id, generation)
    assert read_typed(" ".join(long[begin : begin + 4] for begin in range(0, 26, 4))) == long


def test_c10_codes_are_uniform() -> None:
    """Chi-square over 100 classes of 20,000 codes: 99 degrees of freedom, 148.2 is the 99.9 % quantile."""
    counts = Counter(int(derive_code(b"k" * 32, "reset", UUID(int=n), 1)) // 10**6 for n in range(20_000))
    assert sum((counts[part] - 200) ** 2 / 200 for part in range(100)) < 148.2


@pytest.mark.parametrize(
    "typed",
    [
        "01234567",
        "0123 4567",
        " 0123-4567\r\n",
        "0123\u20134567",
        "\u200b0123\u00a04567",
        "".join(map(chr, range(0xFF10, 0xFF18))),
        "".join(map(chr, range(0x0660, 0x0668))),
        "0 1 2 3 4 5 6 7",
        # Trial A14: the digits decide, whatever marks or words are around them.
        "01234567.",
        "\uff10\uff11\uff12\uff13\u30fc\uff14\uff15\uff16\uff17",
        "Code: 0123 4567",
        "\u00ab0123\u22124567\u00bb!",
        "0123_4567",
        "01/23/45/67",
        "0123~4567|",
        "Your code is 0123 4567, for 30 minutes",
        "0123 and 4567",
        "".join(f"{digit}\ufe0f\u20e3" for digit in "01234567"),
        "".join(map(chr, range(0x09E6, 0x09EE))),
    ],
)
def test_c11_a_code_is_read_however_it_was_typed(typed: str) -> None:
    assert read_typed(typed) == "01234567"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-",
        "my code",
        "1234567",
        "123456789",
        "1234567a",
        "²1234567",
        "+1234567",
        "1234567" + " " * 58,
        "12345678 or 87654321",
        # A long code with a symbol too few, with one that it cannot have, and with eight digits in it.
        "4YHX JKNF 5KV3 FNF6 WMT4 H0PR B",
        "4YHX JKNF 5KV3 FNF6 WMT4 H0PR BU",
        "1YHX 2KNF 3KV4 FNF5 WMT6 H7PR 8",
        "1234 567 for 30 minutes",
    ],
)
def test_what_is_no_code(typed: str) -> None:
    assert read_typed(typed) is None


@given(st.text(max_size=200))
def test_reading_never_fails(typed: str) -> None:
    read = read_typed(typed)
    assert read is None or (len(read) == 8 and read.isascii() and read.isdigit()) or len(read) == 26


@pytest.mark.parametrize(
    "typed",
    [
        "4YHX JKNF 5KV3 FNF6 WMT4 H0PR BP",
        "4yhxjknf5kv3fnf6wmt4h0prbp",
        "4YHX-JKNF-5KV3-FNF6-WMT4-HOPR-BP\r\n",
        "\u200b\uff14YHX JKNF\u00a05KV3 FNF6\nWMT4 H0PR BP.",
    ],
)
def test_a_long_code_is_read_however_it_was_typed(typed: str) -> None:
    assert read_typed(typed) == "4YHXJKNF5KV3FNF6WMT4H0PRBP"
