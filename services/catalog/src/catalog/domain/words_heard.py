"""Which words of a text are heard in its captions."""

from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

Pair = tuple[int, int]  # a word of the text and the same word of the captions, by their places

# A match is believed in company only: any two speeches share "of the". So many matches lie in so many words.
_COMPANY = 5
_WORDS = 8


def words_heard(official: Sequence[str], heard: Sequence[str]) -> list[Pair]:
    """The words that both have, in the order of both, without those that match by chance.

    Takes time as the product of both lengths, and memory as their sum (Hirschberg's way, in the library).
    """
    if not official or not heard:
        return []
    blocks = Levenshtein.editops(official, heard).as_matching_blocks()
    pairs = [(block.a + step, block.b + step) for block in blocks for step in range(block.size)]
    return _in_company(pairs, min(_COMPANY, len(official)))


def _in_company(pairs: Sequence[Pair], company: int) -> list[Pair]:
    believed = [False] * len(pairs)
    for last in range(company - 1, len(pairs)):
        first = last - company + 1
        (i, j), (k, m) = pairs[first], pairs[last]
        if k - i < _WORDS and m - j < _WORDS:
            believed[first : last + 1] = [True] * company
    return [pair for pair, kept in zip(pairs, believed, strict=True) if kept]
