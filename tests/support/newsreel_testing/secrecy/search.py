"""One pass over a place for all secrets at once."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from ahocorasick_rs import BytesAhoCorasick

from newsreel_testing.secrecy.forms import Secret, forms, is_plain_code

_HEAD = 16  # bytes of a form that the automaton knows; what begins like one is compared as a whole
_BEFORE = re.compile(rb"[0-9A-Fa-f-]*\Z")
_BEHIND = re.compile(rb"[0-9A-Fa-f-]*")
_ID = 16  # so many hexadecimal digits in a row are a UUID, a trace or a checksum
_AROUND = 64


@dataclass(frozen=True)
class Found:
    """A secret that was found, where, and what stands around it."""

    secret: Secret
    where: str
    around: bytes

    def __str__(self) -> str:
        return f"{self.secret.kind} in {self.where}: …{self.around.decode(errors='backslashreplace')}…"


class Search:
    """Made once for all secrets."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self._forms: dict[bytes, list[tuple[bytes, Secret]]] = defaultdict(list)
        for secret in dict.fromkeys(secrets):
            for form in forms(secret):
                self._forms[form[:_HEAD]].append((form, secret))
        self._heads = list(self._forms)
        self._automaton = BytesAhoCorasick(self._heads)

    def find(self, where: str, content: bytes) -> Iterator[Found]:
        """Every secret in it, as often as it is there; percent-encoded by whatever rule, too."""
        yield from self._find(where, content)
        if b"%" in content:
            decoded = unquote_to_bytes(content)
            yield from (found for found in self._find(where, decoded) if found.around not in content)

    def _find(self, where: str, content: bytes) -> Iterator[Found]:
        for number, start, _ in self._automaton.find_matches_as_indexes(content, overlapping=True):
            for form, secret in self._forms[self._heads[number]]:
                end = start + len(form)
                if content[start:end] != form:
                    continue
                if is_plain_code(secret, form) and _is_part_of_number(content, start, end):
                    continue
                yield Found(secret, where, content[max(0, start - _AROUND) : end + _AROUND])


def _is_part_of_number(content: bytes, start: int, end: int) -> bool:
    """Eight digits of a time, a size, a fraction, a UUID or a checksum are no code."""
    before, behind = content[max(0, start - _AROUND) : start], content[end : end + _AROUND]
    if before[-1:].isdigit() or behind[:1].isdigit():
        return True
    if before[-1:] == b"." and before[-2:-1].isdigit():
        return True
    left, right = _BEFORE.search(before), _BEHIND.match(behind)
    return sum(len(found[0]) for found in (left, right) if found) + (end - start) > _ID
