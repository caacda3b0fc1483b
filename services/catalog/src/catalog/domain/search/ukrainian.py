"""A light stemmer for Ukrainian, which neither PostgreSQL nor Snowball has.

It takes the ending off and makes one letter of those that change between the cases of one word: the і of a
closed syllable (рік, року), the last consonant (рука, руці) and a vowel that comes and goes (ринок, ринку).
Two words with one stem are a hit too many, one word with two stems is a quote that is not found: it leans to
the first.
"""

_ENDINGS = (
    *("ення", "енню", "енням", "еннями", "еннях", "ень", "ання", "анню", "анням", "аннями", "аннях", "ань"),
    *("ість", "ості", "істю", "остей", "остям", "остями", "остях"),
    *("ого", "ього", "ому", "ьому", "ими", "іми", "ий", "ій", "их", "іх", "им", "ім", "ої", "ою", "ею"),
    *("ія", "ії", "ію", "ією", "іям", "іями", "іях", "єю", "ьми"),
    *("ами", "ями", "ах", "ях", "ам", "ям", "ом", "ем", "єм", "ів", "їв", "ей"),
    *("ують", "ювати", "ювала", "ювали", "ював", "ує", "уємо", "уєте", "увати", "увала", "ували", "ував"),
    *("ати", "яти", "ити", "іти", "ала", "яла", "ила", "іла", "али", "яли", "или", "іли", "ало", "ило"),
    *("ав", "яв", "ив", "ть", "ють", "уть", "ять", "ать", "ить", "їть", "аємо", "емо", "имо", "ете", "ите"),
    *("а", "я", "у", "ю", "о", "е", "є", "и", "і", "ї", "й", "ь"),
)
_ENDINGS_BY_LENGTH = tuple(sorted(_ENDINGS, key=len, reverse=True))
_SUFFIXES = ("ов", "ев", "єв", "ів", "їв")  # the second half of Харк-ов-а, президент-ов-і
_REFLEXIVE = ("ся", "сь")
_VOWELS = frozenset("аеєиіїоуюя")
_KEPT = 3  # letters, a vowel among them: what is left of a word is a word
_LAST = str.maketrans("жзцчшс", "ггккхх")


def stem(word: str) -> str:
    """The stem of a word in small letters without apostrophes."""
    if word.endswith("ець") and len(word) > _KEPT + 2:
        word = f"{word[:-3]}ц"
    if len(word) > _KEPT + 2:
        word = _without(word, _REFLEXIVE)
    word = _without(_without(word, _ENDINGS_BY_LENGTH), _SUFFIXES)
    place = max(map(word.rfind, _VOWELS))
    if place > 0 and word[place] in "ії":
        word = word[:place] + ("о" if word[place] == "і" else "є") + word[place + 1 :]
    if word.endswith("ок") and len(word) > _KEPT + 1:
        word = f"{word[:-2]}к"
    return word[:-1] + word[-1:].translate(_LAST)


def _without(word: str, endings: tuple[str, ...]) -> str:
    for ending in endings:
        rest = word[: -len(ending)]
        if word.endswith(ending) and len(rest) >= _KEPT and not _VOWELS.isdisjoint(rest):
            return rest
    return word
