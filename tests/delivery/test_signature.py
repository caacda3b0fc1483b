"""Our HMAC is the library's, whatever key and text."""

import hmac

from hypothesis import example, given
from hypothesis import strategies as st

from delivery.domain import signature


@given(st.binary(max_size=200), st.binary(max_size=200))
@example(b"", bytes(64))
@example(b"", bytes(range(65)))
@example(b"a", b"")
def test_it_is_the_hmac_of_the_library(text: bytes, key: bytes) -> None:
    assert signature.digest(text, key) == hmac.digest(key, text, "sha256")


def test_as_text_it_is_base64url_without_padding() -> None:
    texts = {signature.of(str(number), bytes(32)) for number in range(50)}
    assert all(len(text) == 43 for text in texts)
    assert {"-", "_"} <= set("".join(texts))
    assert not {"+", "/", "=", "\n"} & set("".join(texts))
