"""The edge's own signer."""

from datetime import UTC, datetime

import pytest

from delivery.domain.edge_signer import EdgeSigner
from delivery.domain.origin import authority
from delivery.domain.signed_url import LinkRefusedError
from newsreel_runtime.keyring import KeyRing

KEYS = KeyRing({"k1": bytes(range(32))})
AT = datetime(2026, 11, 24, 12, 0, 0, 999_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("https://Media.Example.org", "media.example.org"),
        ("https://media.example.org:443", "media.example.org"),
        ("http://media.example.org:80", "media.example.org"),
        ("https://media.example.org:80", "media.example.org:80"),
        ("http://127.0.0.1:8404", "127.0.0.1:8404"),
        ("http://[::1]:8404", "[::1]:8404"),
    ],
)
def test_the_host_has_one_spelling(origin: str, host: str) -> None:
    assert authority(origin) == host


def test_a_url_begins_a_minute_ago_and_ends_when_it_says() -> None:
    signer = EdgeSigner("https://media.example.org", KEYS, 3600)
    url = signer.issue("r1/Прес конференція.mp4", "Прес конференція.mp4", "g1", AT)
    origin, _, rest = url.partition("/r/")
    path, _, query = f"/r/{rest}".partition("?")
    link = signer.check(path, query, AT)
    assert origin == "https://media.example.org"
    assert (link.not_before, link.expires) == (int(AT.timestamp()) - 60, int(AT.timestamp()) + 3600)
    assert link.path.isascii()
    with pytest.raises(LinkRefusedError):
        EdgeSigner("https://other.example.org", KEYS, 3600).check(path, query, AT)


@pytest.mark.parametrize(("kid", "seconds"), [("k 1", 3600), ("k&d", 3600), ("ключ", 3600), ("k1", 86_401)])
def test_what_could_not_sign_fails_at_the_start(kid: str, seconds: int) -> None:
    with pytest.raises(ValueError, match=r"canonical|life"):
        EdgeSigner("https://media.example.org", KeyRing({kid: bytes(32)}), seconds)
