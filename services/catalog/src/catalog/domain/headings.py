"""Whether a line of a transcript names who speaks. Rules of shape: nothing here knows the lines around it."""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from catalog.domain.heading_words import FUNCTIONS, NEVER_NAMES, PARTICLES, ROLES, Role
from catalog.domain.plain_text import looks_like
from catalog.domain.video import Person

_LONGEST = 120  # letters of a heading
_INLINE = re.compile(r"([^:\s][^:]{0,119}?)[ \u00a0\u202f]?:[ \t\u00a0]+(?=\S)")
_ADDED = re.compile(r"[\[(]([^\[\]()]*)[\])]")
_APART = re.compile(r",\s+|\s+[-\u2013\u2014]\s+")
_ELIDED = re.compile(r"^[dlo]['\u2019]")  # d'Orval, l'Abbé
_TITLES = frozenset({"dr", "m", "mr", "mrs", "ms", "prof", "st"})  # written with a full stop, as initials are


@dataclass(frozen=True)
class Heading:
    """Who speaks next. `unsure`: why the line may be words, too; `length`: how much of the line it takes."""

    speaker: str
    length: int
    function: str | None = None
    role: Role | None = None
    unsure: str | None = None
    inline: bool = False


class Speakers:
    """The names that headings are likely to have, with what their people are."""

    def __init__(self, people: Collection[Person], also: Iterable[str] = ()) -> None:
        self._people = people
        self._names = {_folded(name): name for name in sorted(also)}
        self._roles: dict[str, Role | None] = {}
        self._functions: set[str] = set()
        for person in people:
            self._names[_folded(person.name)] = person.name
            self._roles[person.name] = role_in(person.role)
            self._functions |= {_folded(person.role), _folded(person.organisation or person.role)}
        last = [name.rpartition(" ")[2] for name in self._names]
        self._by_last = {
            folded.rpartition(" ")[2]: name
            for folded, name in self._names.items()
            if last.count(folded.rpartition(" ")[2]) == 1
        }

    def and_also(self, names: Iterable[str]) -> "Speakers":
        return Speakers(self._people, {*self._names.values(), *names})

    def named(self, text: str) -> str | None:
        """The speaker whose whole name the text is, also in capitals."""
        return self._names.get(_folded(text))

    def role(self, speaker: str) -> Role | None:
        return self._roles.get(speaker)

    def of_family(self, text: str) -> str | None:
        """The one speaker whose last name the word is."""
        return self._by_last.get(_folded(text))

    def is_function(self, text: str) -> bool:
        """Whether it can stand under a name: `Secretary General of the Assembly`, or where somebody works."""
        words = text.split()
        short = 0 < len(words) <= 12 and text[-1] not in ".!?…:;"
        return short and (_is_function(words) or _folded(text) in self._functions)

    def at_the_end(self, text: str) -> tuple[str, str] | None:
        """`President Ilse Marent`, `Ms Marent`: the speaker, and the function before the name."""
        words = text.split()
        for count in range(1, len(words)):
            before, name = words[:count], self._names.get(_folded(" ".join(words[count:])))
            if name is None and count == len(words) - 1:
                name = self._by_last.get(_folded(words[-1]))
            if name is not None and _is_function(before):
                return name, " ".join(before)
        return None


def heading_of(line: str, speakers: Speakers) -> Heading | None:
    """The heading that the line is, or begins with (`Ilse Marent: Good evening.`); None when it is words."""
    text = line.rstrip()
    start = len(text) - len(text.lstrip())
    inline = _INLINE.match(text, start)
    if inline is not None:
        return _inline_heading(inline, speakers)
    if not 0 < len(text) - start <= _LONGEST:
        return None
    bare = text[start:]
    colon = bare.endswith(":")
    return _heading(bare.removesuffix(":").rstrip(), len(line), speakers, colon=colon)


def is_plain_name(text: str) -> bool:
    """Whether it is a name without a function."""
    return is_name(text) and not _is_function(text.split())


def is_plainly_words(text: str) -> bool:
    """`Thank you`: what nobody is called, and not written as a name is."""
    words = text.split()
    written_so = len(words) > 1 and all(map(_is_of_a_name, words))
    return not written_so and not NEVER_NAMES.isdisjoint(_small(text))


def role_in(words: str) -> Role | None:
    """What somebody with that function does in a press conference."""
    found = (ROLES.get(word) for word in _small(words))
    return next((role for role in found if role is not None), None)


def is_name(text: str, *, least: int = 2) -> bool:
    """Whether the text has the form of a name: capitals, particles between, nothing that never is a name."""
    words = text.replace("\u00a0", " ").split()
    if not least <= len(words) <= 10 or not all(map(_is_of_a_name, words)):
        return False
    capitals = [word for word in words if _ELIDED.sub("", word)[:1].isupper()]
    return len(capitals) >= least and words[-1] == capitals[-1] and not NEVER_NAMES.intersection(_small(text))


def _heading(text: str, length: int, speakers: Speakers, *, colon: bool) -> Heading | None:
    name, function = _parted(text)
    found = _known(text, None, speakers) or (_known(name, function, speakers) if function else None)
    if found is not None:
        speaker, said = found
        return Heading(speaker, length, said, speakers.role(speaker) or role_in(said or ""))
    if function and (role := ROLES.get(looks_like(name))) is not None:
        return _of_role(role, function, length, speakers)
    if (role := ROLES.get(looks_like(text))) is not None and (colon or len(text) > 1):
        return Heading(text, length, role=role, unsure=None if colon else "it may be a title")
    if (family := speakers.of_family(text)) is not None:
        unsure = None if colon or text.isupper() else "it is a family name alone"
        return Heading(family, length, role=speakers.role(family), unsure=unsure)
    return _stranger(name, function, length, colon=colon)


def _of_role(role: Role, who: str, length: int, speakers: Speakers) -> Heading | None:
    """`Question (Mara Quell, AP)`."""
    asking = _heading(who, length, speakers, colon=True)
    return replace(asking, role=role) if asking else None


def _known(name: str, function: str | None, speakers: Speakers) -> tuple[str, str | None] | None:
    """A speaker whom the name names, and all that is said of the function."""
    speaker = speakers.named(name)
    if speaker is not None:
        return speaker, function
    ended = speakers.at_the_end(name)
    return (ended[0], f"{ended[1]}, {function}" if function else ended[1]) if ended else None


def _stranger(name: str, function: str | None, length: int, *, colon: bool) -> Heading | None:
    if not is_name(name):
        alone = colon and not function and is_name(name, least=1)
        return Heading(name, length, unsure="one word with a colon") if alone else None
    said = (function or "").split()
    agency = bool(said) and _is_agency(said[-1])
    unsure = None
    if not (colon or agency or _is_function(said)):
        unsure = "it has the form of a name that nobody of the video has"
    elif _is_function(name.split()):
        unsure = "a function stands before a name that nobody of the video has"
    return Heading(name, length, function, role_in(function or "") or ("asks" if agency else None), unsure)


def _inline_heading(found: re.Match[str], speakers: Speakers) -> Heading | None:
    heading = _heading(found[1], found.end() - found.start(), speakers, colon=True)
    if heading is None or (heading.unsure and " " not in found[1] and not found[1].isupper()):
        return None
    return Heading(heading.speaker, found.end(), heading.function, heading.role, heading.unsure, inline=True)


def _parted(text: str) -> tuple[str, str | None]:
    """The name, and the function after a comma or a dash, or in brackets."""
    added = _ADDED.search(text)
    if added is not None and added.start() > 0 and not text[added.end() :].strip():
        return text[: added.start()].rstrip(" ,"), added[1].strip() or None
    name, *functions = _APART.split(text, maxsplit=1)
    return name, functions[0].strip() if functions else None


def _is_function(words: list[str]) -> bool:
    return any(word in FUNCTIONS for word in _small(" ".join(words)))


def _is_agency(word: str) -> bool:
    """`AP`, `AFP`, `BBC`."""
    return 2 <= len(word) <= 7 and word.isalnum() and word.isupper()


def _is_of_a_name(word: str) -> bool:
    if word in PARTICLES:
        return True
    bare = word.rstrip(".")
    if bare != word and not (
        len(bare) == 1 or bare.casefold() in _TITLES or re.fullmatch(r"(\w\.)+\w", bare)
    ):
        return False
    letters = re.sub(r"['\u2019\u02bc.-]", "", _ELIDED.sub("", bare))
    return letters.isalpha() and any(letter.isupper() for letter in letters[:3])


def _small(text: str) -> Iterator[str]:
    return (word.strip(".,;:()[]«»\"'") for word in looks_like(text).split())


def _folded(name: str) -> str:
    return looks_like(name)
