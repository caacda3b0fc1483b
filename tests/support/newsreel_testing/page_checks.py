"""What every page keeps to, seen by a parser: names for all inputs, one h1, our scripts, sound references."""

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise

from newsreel_testing.catalogues import catalogue
from portal.domain.languages import LANGUAGES

_GLUED = re.compile(r"<[^<>]*=\"[^\"<>]*\"[A-Za-z]")
_RUN_ON = re.compile(r"[a-z)](?:</(?:a|bdi|code|span|strong)>)*\.(?:</?(?:a|bdi|code|span|strong)>)*[A-Z]")
_ATTRIBUTES = re.compile(r"(?<=<)([a-z0-9]+) [^<>]*(?=>)")
_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """One element: its tag, its attributes, all the text within, and the action of the form that it is in."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    form: str = ""

    def get(self, name: str) -> str:
        """An attribute's value, empty when it is not there."""
        return self.attributes.get(name, "")


@dataclass
class Html(HTMLParser):
    """The elements of a page in order; `faults` are tags that do not match."""

    elements: list[Element] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []

    @classmethod
    def of(cls, text: str) -> "Html":
        """Parse a page."""
        page = cls()
        page.feed(text)
        page.close()
        page.faults += [f"<{unclosed.tag}> is never closed" for unclosed in page._open]
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.faults.append(f"<{tag}> has an attribute twice")
        element = Element(tag, {name: value or "" for name, value in attrs})
        element.form = next((unclosed.get("action") for unclosed in self._open if unclosed.tag == "form"), "")
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open[-1].tag != tag:
            self.faults.append(f"</{tag}> closes something else")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.text += data

    def all(self, *tags: str) -> list[Element]:
        """The elements with one of these tags."""
        return [element for element in self.elements if element.tag in tags]

    def by_id(self, name: str) -> Element:
        """The element with this id."""
        return next(element for element in self.elements if element.get("id") == name)


def faults(text: str) -> list[str]:
    """What is wrong with a page; nothing when it is sound."""
    page = Html.of(text)
    return [
        *page.faults,
        *_structure(page, text),
        *_names(page),
        *_references(page),
        *_scripts(page),
        *_foreign(page),
    ]


@cache
def _english(language: str) -> frozenset[str]:
    """What no page in that language says: English texts of three words or more that do not vary."""
    texts = {message.id for message in catalogue(language) if isinstance(message.id, str)}
    plain = {text for text in texts if len(text.split()) >= 3 and not re.search(r"[<{%]", text)}
    return frozenset(text for text in plain if catalogue(language)[text].string != text)


def _foreign(page: Html) -> list[str]:
    """Texts in English on a page in another language."""
    language = page.all("html")[0].get("lang")
    if language not in LANGUAGES or language == "en":
        return []
    said = " ".join(page.all("html")[0].text.split())
    labels = [element.get(name) for element in page.elements for name in ("aria-label", "alt", "title")]
    return [f"English: {text}" for text in _english(language) if text in said or text in labels]


def _structure(page: Html, text: str) -> list[str]:
    found = [] if text.lstrip().lower().startswith("<!doctype html>") else ["no doctype"]
    found += ["attributes without a space between" for _ in _GLUED.finditer(text)]
    found += ["two sentences without a space between" for _ in _RUN_ON.finditer(_ATTRIBUTES.sub(r"\1", text))]
    if page.all("html")[0].get("lang") not in LANGUAGES:
        found.append("no lang")
    if len(page.all("h1")) != 1:
        found.append("not one h1")
    found += [f"no {tag}" for tag in ("main", "title", "header", "footer") if not page.all(tag)]
    levels = [
        int(element.tag[1])
        for element in page.all("h1", "h2", "h3", "h4")
        if element.get("id") != "errors-title"
    ]
    skipped = any(after > before + 1 for before, after in pairwise(levels))
    return [*found, *(["a heading level is skipped"] if skipped else [])]


def _names(page: Html) -> list[str]:
    labelled = {element.get("for") for element in page.all("label") if element.text.strip()}
    shown = [
        element for element in page.all("input", "select", "textarea") if element.get("type") != "hidden"
    ]
    found = [f"{element.get('name')} has no label" for element in shown if element.get("id") not in labelled]
    found += [
        "a button or link says nothing" for element in page.all("button", "a") if not element.text.strip()
    ]
    found += ["an image without alt" for element in page.all("img") if "alt" not in element.attributes]
    tokens = [
        element
        for element in page.all("input")
        if element.get("name") == "form_token" and element.get("value")
    ]
    # What a form of GET sends stands in an address, and so in histories and logs: no token goes there.
    open_forms = [form.get("action") for form in page.all("form") if form.get("method") == "get"]
    if len(tokens) != len(page.all("form")) - len(open_forms):
        found.append("a form without its token")
    if any(token.form in open_forms for token in tokens):
        found.append("a token in an address")
    return found


def _references(page: Html) -> list[str]:
    counted = Counter(element.get("id") for element in page.elements if element.get("id"))
    found = [f"id {name} is there {count} times" for name, count in counted.items() if count > 1]
    for element in page.elements:
        wanted = (element.get("aria-describedby") + " " + element.get("aria-labelledby")).split()
        if element.get("href").startswith("#"):
            wanted.append(element.get("href")[1:])
        found += [f"nothing has the id {name}" for name in wanted if name not in counted]
    return found


def _scripts(page: Html) -> list[str]:
    found = [f"<{tag.tag}> is not allowed" for tag in page.all("style", "iframe", "object")]
    # A block of data is no script: a browser runs none of it.
    scripts = [script for script in page.all("script") if script.get("type") != "application/ld+json"]
    ours = [script for script in scripts if script.get("src").startswith("/static/")]
    found += [f"<script> of {script.get('src')} is not ours" for script in scripts if script not in ours]
    for element in page.elements:
        found += [
            f"{name} on <{element.tag}>"
            for name in element.attributes
            if name.startswith("on") or name == "style"
        ]
        if element.get("href").strip().lower().startswith("javascript:"):
            found.append("a javascript: link")
    return found
