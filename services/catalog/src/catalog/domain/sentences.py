"""Where a sentence ends, and long paragraphs in pieces that end there."""

import re
from collections.abc import Iterator

_CLOSING = "\"'\u201d\u2019\u00bb)]\u00a0\u202f "
_SHORTENED = re.compile(
    r"(?:^|[\s(«\u201c])(?:\w|dr|gen|m|mme|mr|mrs|ms|no|prof|st|vs|ст|ім|св|див)\.$", re.IGNORECASE
)
_END = re.compile(r"[.!?\u2026]+[\"'\u201d\u2019\u00bb)\]]*(?:[\u00a0\u202f]\u00bb)? +(?=\S)")
_LONGEST = 400  # letters, about half a minute of speech
_LIMIT = 2000  # what a segment may have


def ends_sentence(text: str) -> bool:
    """Whether the text ends as a sentence does, and not with `Dr.` or an initial."""
    bare = text.rstrip().rstrip(_CLOSING)
    return bare[-1:] in (".", "!", "?", "\u2026") and _SHORTENED.search(bare) is None


def in_pieces(paragraph: str) -> Iterator[str]:
    """The paragraph, or where it is long, its sentences in groups; only blanks between them are lost."""
    start = end = 0
    for sentence_end in (*_ends(paragraph), len(paragraph)):
        if end > start and sentence_end - start > _LONGEST:
            yield from _within_limit(paragraph[start:end].strip())
            start = end
        end = sentence_end
    if paragraph[start:].strip():
        yield from _within_limit(paragraph[start:].strip())


def _ends(paragraph: str) -> Iterator[int]:
    for found in _END.finditer(paragraph):
        ended = ends_sentence(paragraph[max(0, found.start() - 12) : found.end()])
        if ended and not paragraph[found.end()].islower():
            yield found.end()


def _within_limit(text: str) -> Iterator[str]:
    """A sentence that is too long for a segment is parted at a blank, where it has one."""
    while len(text) > _LIMIT:
        at = text.rfind(" ", 1, _LIMIT)
        if at < 0:
            break
        yield text[:at].rstrip()
        text = text[at:].lstrip()
    yield text
