"""What a person typed into the search, as it was understood. Whatever is typed is a question.

ceasefire "free and fair elections" speaker:lind place:Brussels event:summit lang:fr from:2026-01 to:2026-03
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from catalog.domain.search.folding import folded, words
from catalog.domain.video import Language

LONGEST = 500  # letters; what is beyond is not looked at
MOST_WORDS = 32  # in all of the question

Reason = Literal["too-long", "too-many-words", "no-value", "no-such-language", "no-such-day", "only-captions"]
Phrase = tuple[str, ...]

_QUOTES = str.maketrans(dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\uff02", '"') | {"\uff1a": ":"})
_FIELDS = "speaker|place|event|lang|from|to|has"
_TERM = re.compile(rf'(?:(?P<name>{_FIELDS})\s*:\s*)?(?:"(?P<quoted>[^"]*)(?:"|$)|(?P<bare>[^\s"]+))', re.I)
_NO_VALUE = re.compile(rf"(?:{_FIELDS}):", re.I)
_DAY = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")
_CODES: Mapping[Language, tuple[str, ...]] = {
    "en": ("en", "english", "anglais", "англійська"),
    "fr": ("fr", "french", "francais", "французька"),
    "uk": ("uk", "ua", "ukrainian", "ukrainien", "українська"),
}
_LANGUAGES = {name: code for code, names in _CODES.items() for name in names}


@dataclass(frozen=True)
class Ignored:
    """A part of what was typed that is not looked for, and why."""

    text: str
    reason: Reason


@dataclass(frozen=True)
class Question:
    """Every one of `words` and `phrases`, and of each field that has values any one of them.

    A value of a field is some words, which are all in the name. `since` and `until` are days of recording.
    """

    words: tuple[str, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    speakers: tuple[Phrase, ...] = ()
    places: tuple[Phrase, ...] = ()
    events: tuple[Phrase, ...] = ()
    languages: tuple[Language, ...] = ()
    since: date | None = None
    until: date | None = None
    captions: bool = False
    ignored: tuple[Ignored, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return self == Question(ignored=self.ignored)

    @property
    def spoken(self) -> tuple[Phrase, ...]:
        """What must be in the text: each word by itself, each phrase in its order."""
        return tuple((word,) for word in self.words) + self.phrases

    def loosened(self) -> "Question":
        """The same with the words of its phrases in any order."""
        singles = tuple(dict.fromkeys(word for part in self.spoken for word in part))
        return Question(**vars(self) | {"words": singles, "phrases": ()})


def read_question(typed: str) -> Question:
    """The question in what was typed."""
    return _Reader().read(typed)


@dataclass
class _Reader:
    left: int = MOST_WORDS
    words: list[str] = field(default_factory=list)
    phrases: list[Phrase] = field(default_factory=list)
    values: dict[str, list[Phrase]] = field(default_factory=lambda: {"speaker": [], "place": [], "event": []})
    languages: list[Language] = field(default_factory=list)
    since: date | None = None
    until: date | None = None
    captions: bool = False
    ignored: list[Ignored] = field(default_factory=list)

    def read(self, typed: str) -> Question:
        text = _plain(typed[:LONGEST])
        for found in _TERM.finditer(text):
            self._term(found, found["quoted"] if found["quoted"] is not None else found["bare"])
        if len(typed) > LONGEST:
            self._ignore("…", "too-long")
        speakers, places, events = (tuple(dict.fromkeys(values)) for values in self.values.values())
        return Question(
            words=tuple(dict.fromkeys(self.words)),
            phrases=tuple(dict.fromkeys(self.phrases)),
            speakers=speakers,
            places=places,
            events=events,
            languages=tuple(dict.fromkeys(self.languages)),
            since=self.since,
            until=self.until,
            captions=self.captions,
            ignored=tuple(self.ignored),
        )

    def _term(self, found: re.Match[str], value: str) -> None:
        name = (found["name"] or "").lower()
        if name == "lang":
            self._language(found[0], value)
        elif name in {"from", "to"}:
            self._day(found[0], name, value)
        elif name == "has":
            self._has(found[0], value)
        elif not name and _NO_VALUE.fullmatch(value):
            self._ignore(value, "no-value")
        else:
            self._words(found, name, value)

    def _words(self, found: re.Match[str], name: str, value: str) -> None:
        spoken = tuple(word.text for word in words(value) if folded(word.text))
        if len(spoken) > self.left:
            self._ignore(found[0], "too-many-words")
            return
        self.left -= len(spoken)
        if name and not spoken:
            self._ignore(found[0], "no-value")
        elif name:
            self.values[name].append(spoken)
        elif found["quoted"] is not None and len(spoken) > 1:
            self.phrases.append(spoken)
        else:
            self.words += spoken

    def _language(self, text: str, value: str) -> None:
        found = _LANGUAGES.get(folded(value))
        if found is None:
            self._ignore(text, "no-such-language")
        else:
            self.languages.append(found)

    def _day(self, text: str, name: str, value: str) -> None:
        days = _days(value)
        if days is None:
            self._ignore(text, "no-such-day")
        elif name == "from":
            self.since = days[0]
        else:
            self.until = days[1]

    def _has(self, text: str, value: str) -> None:
        if folded(value) == "captions":
            self.captions = True
        else:
            self._ignore(text, "only-captions")

    def _ignore(self, text: str, reason: Reason) -> None:
        self.ignored.append(Ignored(text, reason))


def _plain(typed: str) -> str:
    """One kind of quotation marks; what is not seen (category C, as NUL) is a blank."""
    shown = (" " if unicodedata.category(letter)[0] == "C" else letter for letter in typed)
    return unicodedata.normalize("NFC", "".join(shown)).translate(_QUOTES)


def _days(value: str) -> tuple[date, date] | None:
    """The first and the last day of a day, a month or a year."""
    found = _DAY.fullmatch(value)
    if found is None:
        return None
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
        if day is not None:
            return first, first
        if month is not None and month < 12:
            return first, date(first.year, month + 1, 1) - timedelta(days=1)
        return first, date(first.year, 12, 31)
    except ValueError:
        return None
