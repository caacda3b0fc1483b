"""Words as the search compares them: folded, stemmed, and marked in the text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.domain.search.folding import folded, words
from catalog.domain.search.lexemes import asked, written
from catalog.domain.search.marks import marks
from catalog.domain.video import Language

LANGUAGES: tuple[Language, ...] = ("en", "fr", "uk")
# Forms of one word each, and no two of the same.
UKRAINIAN = """
міністр міністра міністру міністрові міністром міністри міністрів міністрам міністрами міністрах
Україна України Україні Україну Україною
президент президента президенту президентові президентом президенти президентів
рік року років роки роках роком
рука руки руці руку рукою
Київ Києва Києву Києвом Києві
Харків Харкова Харкову Харковом Харкові
Львів Львова Львову Львовом Львові
безпека безпеки безпеці безпеку безпекою
політика політики політиці політику політикою
рішення рішень рішенням рішеннями рішеннях рішенню
питання питань питанням питаннями питанню
незалежність незалежності незалежністю
новий нова нове нові нового нової новому новою новим нових новими
український українська українське українські українського української українському українських
підтримувати підтримує підтримуємо підтримують підтримував підтримувала підтримували
зустрілися зустрівся зустрілась
міст мосту мости мостів мостом мостами
ринок ринку ринки ринків ринком
потік потоку потоки потоків
країна країни країн країні країну країною країнам країнами країнах
війна війни війні війну війною
перемога перемоги перемозі перемогу перемогою
промова промови промов промові промову промовою
п'ять п’яти
голова голови голові голову головою голів
українець українця українці українців українцям
договір договору договори договорів договором
люди людей людям людьми людях
сесія сесії сесію сесією сесій
говорити говорив говорила говорили говорить говорять
""".strip().splitlines()


@pytest.mark.parametrize("family", UKRAINIAN)
def test_the_cases_of_a_ukrainian_word_are_one(family: str) -> None:
    assert len({written(word, "uk") for word in family.split()}) == 1


def test_different_ukrainian_words_are_not() -> None:
    assert len({written(family.split()[0], "uk") for family in UKRAINIAN}) == len(UKRAINIAN)


@pytest.mark.parametrize(
    ("language", "said", "typed"),
    [
        ("en", "Ministers", "minister"),
        ("en", "defended", "defending"),
        ("en", "NATO", "nato"),
        ("fr", "Élections", "election"),
        ("fr", "élections", "élection"),
        ("fr", "sécurité", "SECURITE"),
        ("fr", "nationaux", "national"),
        ("fr", "œuvre", "oeuvre"),
        ("uk", "п’ять", "п'ять"),
        ("uk", "пʼять", "пять"),
        ("uk", "Ґрунт", "грунт"),
        ("uk", "за́мок", "замок"),
        ("uk", "NATO", "nato"),
        ("fr", "Ukraïne", "ukraine"),
    ],
)
def test_a_word_is_found_however_it_is_typed(language: Language, said: str, typed: str) -> None:
    for form in ("NFC", "NFD"):
        (word,) = words(unicodedata.normalize(form, typed))
        assert set(asked(word.text)) & set(written(said, language)), (asked(typed), written(said, language))


def test_letters_that_are_no_accents_stay() -> None:
    assert folded("їй") != folded("ии")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("l’accord d'Oslo", ["l", "accord", "d", "Oslo"]),
        ("п’ять об'єктів", ["п’ять", "об'єктів"]),
        ("F-16, snake_case!", ["F", "16", "snake", "case"]),
        ("«Слава», сказав", ["Слава", "сказав"]),
        ("'quoted' don't", ["quoted", "don", "t"]),
        ("… — !", []),
    ],
)
def test_what_a_word_is(text: str, expected: list[str]) -> None:
    assert [word.text for word in words(text)] == expected


@given(st.text())
def test_a_word_says_where_it_stands(text: str) -> None:
    last = 0
    for word in words(text):
        assert text[word.start : word.end] == word.text
        assert last <= word.start < word.end
        last = word.end
        assert len(folded(word.text)) <= 64
        for language in LANGUAGES:
            assert written(word.text, language)
        assert asked(word.text)


@given(st.text(min_size=1, alphabet=st.characters(categories=("Lu", "Ll"))))
def test_a_word_finds_itself(text: str) -> None:
    for word in words(text):
        for language in LANGUAGES:
            assert set(asked(word.text)) & set(written(word.text, language))


def test_marks_are_where_the_words_are() -> None:
    text = "Elections, free and fair: the élections."
    found = marks(text, "fr", [("election",), ("free", "and", "fair")])
    assert [text[start:end] for start, end in found] == ["Elections", "free and fair", "élections"]


def test_a_phrase_is_marked_in_its_order_only() -> None:
    assert marks("fair and free", "en", [("free", "and", "fair")]) == ()


def test_marks_never_overlap() -> None:
    assert marks("one two three", "en", [("one", "two"), ("two", "three"), ("two",)]) == ((0, 13),)


@given(st.text(), st.lists(st.lists(st.sampled_from(["a", "b", "the"]), min_size=1).map(tuple)))
def test_marks_fit_any_text(text: str, spoken: list[tuple[str, ...]]) -> None:
    last = 0
    for start, end in marks(f"{text} a b the a", "en", spoken):
        assert last <= start < end <= len(text) + 10
        last = end
