"""The portal's gettext catalogues, brought in step with the texts that are marked in it.

`python -m newsreel_testing.catalogues` writes them: a new text stands there without a translation, and a test
fails until it has one; a text that is gone is gone there, too.
"""

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

import portal
from portal.domain.languages import LANGUAGES
from portal.inbound_http.translations import LOCALE

PORTAL = Path(portal.__file__).parent
TRANSLATED = tuple(language for language in LANGUAGES if language != "en")
_METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
_OPTIONS = {"templates/**.html": {"trimmed": "true", "silent": "false"}}
_HEADER = """\
# The texts of the portal's pages; `make messages` brings them in step with the pages.
msgid ""
msgstr ""
"Language: {language}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: {plural_forms}\\n"

"""


def path_of(language: str) -> Path:
    return LOCALE / f"{language}.po"


def catalogue(language: str) -> Catalog:
    """The catalogue as it is written."""
    with path_of(language).open("rb") as written:
        return read_po(written, locale=language)


def marked_texts() -> Catalog:
    """Every text of the portal that is marked to be translated."""
    found = Catalog()
    keywords = DEFAULT_KEYWORDS | {"translatable": None, "_count": (1, 2)}
    for _, _, message, _, context in extract_from_dir(PORTAL, _METHODS, _OPTIONS, keywords):
        found.add(message, None, context=context)
    return found


def in_step(language: str) -> str:
    """The catalogue's file with the marked texts, and no others."""
    known = catalogue(language)
    known.update(marked_texts(), no_fuzzy_matching=True)
    written = io.BytesIO()
    write_po(
        written, known, width=110, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True
    )
    header = _HEADER.format(language=language, plural_forms=known.plural_forms)
    return header + written.getvalue().decode().strip("\n") + "\n"


if __name__ == "__main__":
    for each in TRANSLATED:
        path_of(each).write_text(in_step(each), "utf-8")
