"""What each turn of a transcript is: a speech, a question, an answer, or another statement."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.domain.heading_words import Role
from catalog.domain.video import Part

_OPENING = 40  # words: who says as many before the first question is no journalist
_THANKS = 8  # words: less without a question mark is no question


@dataclass(frozen=True)
class Turn:
    """What one person says without a break."""

    speaker: str
    role: Role | None
    text: str


def parts_of(turns: Sequence[Turn]) -> list[Part]:
    """The part of each turn.

    Before the first question, words are a `speech`. Then a journalist's are a `question`; who speaks right
    after a question gives an `answer`, and so do others who answered or spoke before. What is left (a
    moderator's words, thanks) is a `statement`.
    """
    asked = _asked(turns)
    first = asked.index(True) if True in asked else len(turns)
    answering = {
        turn.speaker for turn in turns[:first] if turn.role is None and len(turn.text.split()) >= _OPENING
    }
    answering |= {
        turn.speaker
        for before, turn in enumerate(turns[1:])
        if asked[before] and not asked[before + 1] and turn.role in (None, "answers")
    }
    return [_part(turn, at, first, answering, asked=asked[at]) for at, turn in enumerate(turns)]


def _part(turn: Turn, at: int, first: int, answering: set[str], *, asked: bool) -> Part:
    if asked:
        return "question"
    if turn.role in ("asks", "moderates"):
        return "statement"
    if at < first:
        return "speech"
    return "answer" if turn.speaker in answering or turn.role == "answers" else "statement"


def _asked(turns: Sequence[Turn]) -> list[bool]:
    """Which turns ask: a journalist's, and with a question mark those of who has not spoken at length."""
    speaking = {turn.speaker for turn in turns[:1] if turn.role != "asks"}
    asked: list[bool] = []
    for turn in turns:
        words, has_mark = len(turn.text.split()), "?" in turn.text
        if turn.role is None:
            asks = has_mark and turn.speaker not in speaking
        else:
            asks = turn.role == "asks" and (has_mark or words >= _THANKS)
        if not asks and words >= _OPENING and (not any(asked) or asked[-1]):
            speaking.add(turn.speaker)
        asked.append(asks)
    return asked
