"""The pages in three languages: every text has a translation, and no page mixes them."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from newsreel_testing.catalogues import PORTAL, TRANSLATED, catalogue, in_step, marked_texts, path_of
from newsreel_testing.page_checks import Html, faults
from newsreel_testing.portal import Portal
from newsreel_testing.portal_videos import VIDEO
from portal.domain.languages import LANGUAGES
from portal.inbound_http.translations import Said, translatable, translations

TEMPLATES = sorted((PORTAL / "templates").glob("*.html"))
PLACES = re.compile(r"%\(\w+\)s|\{\w+\}|</?[a-z]+[^>]*>")
# Names, and examples of what is typed into the search.
SAME_EVERYWHERE = {"\N{EN DASH} Newsreel", "Newsreel", "SHA-256", "RSS", "JSON Feed"}
SEARCH_FIELD = re.compile(r"(?:(?:speaker|place|event|from|to|lang|has):\S+ ?)+")
SPOKEN_ATTRIBUTES = {"aria-label", "alt", "title", "placeholder"}


# ---- the catalogues ----


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_each_text_and_no_other(language: str) -> None:
    written = path_of(language).read_text("utf-8")
    assert written == in_step(language), "make messages brings it in step"


@pytest.mark.parametrize("language", TRANSLATED)
def test_each_text_is_translated_and_keeps_its_places(language: str) -> None:
    found = catalogue(language)
    assert len(found) > 200
    for message in found:
        if not message.id:
            continue
        ids = (message.id,) if isinstance(message.id, str) else message.id
        strings = (message.string,) if isinstance(message.string, str) else message.string or ()
        assert strings
        assert all(strings), f"{message.id} is not translated"
        assert not message.fuzzy, message.id
        assert list(message.check(found)) == [], message.id
        for said in strings:
            assert sorted(PLACES.findall(said)) == sorted(PLACES.findall(ids[-1])), message.id


def test_what_is_marked_is_found() -> None:
    found = {message.id for message in marked_texts() if message.id}
    assert "Sign in" in found
    assert ("{count} minute", "{count} minutes") in found
    assert "The e-mail is on its way." in found


@pytest.mark.parametrize(("language", "said"), [("en", "2 hours"), ("fr", "2 heures"), ("uk", "2 години")])
def test_plural_forms_follow_the_language(language: str, said: str) -> None:
    assert translations(language).ngettext("{count} hour", "{count} hours", 2).format(count=2) == said


def test_a_text_in_a_place_is_translated_with_it() -> None:
    text = translatable("{label} has characters that cannot be read. Type it again.")
    said = Said(text, {"label": Said(translatable("Password"))})
    assert said.in_language("fr").startswith("Mot de passe")


# ---- no text without a mark ----


class _Shown(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [value or "" for name, value in attrs if name in SPOKEN_ATTRIBUTES]


def unmarked(source: str) -> list[str]:
    """Texts for people that a template says by itself."""
    marked = re.compile(
        r"\{#.*?#\}|\{% block width %\}\w+|\{%\s*trans\b.*?endtrans\s*%\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL
    )
    shown = _Shown()
    shown.feed(marked.sub("", source))
    texts = [" ".join(text.split()) for text in shown.texts]
    bare = [text for text in texts if any(letter.isalpha() for letter in text)]
    bare = [text for text in bare if text not in SAME_EVERYWHERE and not SEARCH_FIELD.fullmatch(text)]
    return [*bare, *_in_expressions(source)]


def _in_expressions(source: str) -> Iterator[str]:
    tree = Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(source)
    marked = {
        id(argument)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in {"_", "gettext", "ngettext"}
        for argument in call.args
    }
    for text in tree.find_all(nodes.Const):
        if isinstance(text.value, str) and id(text) not in marked and re.search(r"[a-z] [a-z]", text.value):
            yield text.value


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_template_has_a_text_of_its_own(template: Path) -> None:
    assert unmarked(template.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("<p>Sign in</p>", "Sign in"),
        ("<p>{{ _('Sign in') }} first</p>", "first"),
        ('<nav aria-label="Pages"></nav>', "Pages"),
        ("{{ 'Older videos' if older else _('Videos') }}", "Older videos"),
        ("{% trans %}Fine{% endtrans %}<b>Not</b>", "Not"),
    ],
)
def test_a_text_without_a_mark_is_found(source: str, said: str) -> None:
    assert unmarked(source) == [said]


# ---- which language a page is in ----


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "", "en"),
        ("", "fr-BE,fr;q=0.9,en;q=0.8", "fr"),
        ("", "de, uk;q=0.2", "uk"),
        ("", "de", "en"),
        ("?lang=fr", "en", "en"),  # the link is about the video's texts
        ("?lang=fr", "", "fr"),  # a search engine, which says no language
        ("?lang=../x", "", "en"),
    ],
)
async def test_a_page_is_in_the_reader_s_language(
    portal: Portal, query: str, accepted: str, language: str
) -> None:
    answer = await portal.get(f"/videos/{VIDEO}{query}", **{"Accept-Language": accepted})
    assert Html.of(answer.text).all("html")[0].get("lang") == language
    assert answer.headers["content-language"] == language


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_language_is_chosen_for_this_browser(portal: Portal, language: str) -> None:
    shown = await portal.form("/language", "/register")
    chosen = await portal.send("/language", shown | {"language": language})
    assert (chosen.status_code, chosen.headers["location"]) == (303, "/register")
    for path in ("/", "/search?q=nothing", "/register", "/sign-in", "/forgot", "/code", "/nowhere"):
        answer = await portal.get(path, **{"Accept-Language": "en"})
        assert answer.headers["content-language"] == language, path
    refused = await portal.post("/register", address="nobody", password="x")
    assert refused.status_code == 422
    assert refused.headers["content-language"] == language


async def test_the_language_of_the_account_comes_along(portal: Portal) -> None:
    await portal.sign_in()
    await portal.post("/account/language", "/account", language="uk")
    portal.browser.cookies.delete("newsreel-language")
    assert (await portal.get("/account")).headers["content-language"] == "uk"
    assert (await portal.get("/search")).headers["content-language"] == "uk"


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ("/search?q=a+b", "/search?q=a+b"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/x\r\nSet-Cookie: a=b", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
        ("/" + "a" * 2000, "/"),
    ],
)
async def test_choosing_a_language_leads_nowhere_else(portal: Portal, wanted: str, path: str) -> None:
    shown = await portal.form("/language", "/")
    answer = await portal.send("/language", shown | {"language": "fr", "return_to": wanted})
    assert answer.headers["location"] == path


@pytest.mark.parametrize("path", ["/", f"/videos/{VIDEO}"])
async def test_a_search_engine_finds_each_language(portal: Portal, path: str) -> None:
    page = Html.of((await portal.get(path)).text)
    links = {link.get("hreflang"): link.get("href") for link in page.all("link") if link.get("hreflang")}
    assert links.keys() == {*LANGUAGES, "x-default"}
    for language in LANGUAGES:
        answer = await portal.get(links[language].removeprefix(portal.origin))
        assert answer.headers["content-language"] == language


async def test_another_language_changes_nothing(portal: Portal) -> None:
    shown = await portal.form("/language", "/")
    await portal.send("/language", shown | {"language": "tlh"})
    assert "newsreel-language" not in portal.cookies()


def test_a_page_that_mixes_languages_is_found() -> None:
    """The check that every page of these tests goes through."""
    page = (
        '<!doctype html><html lang="fr"><title>x</title><header></header>'
        "<main><h1>{}</h1></main><footer></footer></html>"
    )
    assert faults(page.format("Adresse e-mail")) == []
    [fault] = faults(page.format("Nothing was found."))
    assert fault == "English: Nothing was found."
