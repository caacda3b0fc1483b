"""Who gives the addresses at which a program takes a file: the edge, an S3 bucket, or CloudFront."""

from datetime import datetime
from functools import lru_cache
from typing import Protocol
from urllib.parse import quote

from delivery.domain.file_name import disposition

_SAVED = tuple(quote(chr(byte), safe="") if byte < 0x80 else f"%{byte:02X}" for byte in range(256))


class Signer(Protocol):
    """Each URL is for one file and ends by itself; the bytes are the same from whichever place."""

    @property
    def seconds(self) -> int:
        """How long a URL lives."""
        ...

    def issue(self, key: str, name: str, grant: str, at: datetime) -> str:
        """A URL that is good from `at` on, for the object `key`, to be saved as `name`.

        Raises `ValueError` for a key of which a URL would name another object. A place that cannot carry
        `grant` leaves it out.
        """
        ...


def object_path(key: str) -> str:
    """The key as a path of a URL, percent-encoded (RFC 3986 §2.1).

    Raises `ValueError` for a key whose path clients rewrite before they ask (§5.2.4 there), or that has none.
    """
    between = f"/{key}/"
    if "//" in between or "/./" in between or "/../" in between:
        raise ValueError("a key is segments with one slash between them, none of them a dot or two")
    return "/" + quote(key)


def query_value(text: str) -> str:
    """Text as a value of a query: what is not unreserved, as UTF-8 in upper-case hexadecimal."""
    return "".join([_SAVED[byte] for byte in text.encode()])


@lru_cache(maxsize=1024)
def saved_as(name: str) -> str:
    """What S3, alone or behind CloudFront, is asked for so that the file is saved under that name."""
    return f"response-content-disposition={query_value(disposition(name))}"
