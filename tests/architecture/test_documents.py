"""What the documents name exists: files, folders, tests, make targets."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
ROOTS = ("benchmarks", "deploy", "docs", "services", "shared", "tests", ".ci")
DOCUMENTS = sorted(
    path
    for path in (
        *CHECKOUT.glob("*.md"),
        *(found for root in ROOTS for found in (CHECKOUT / root).rglob("*.md")),
    )
    if "node_modules" not in path.parts
)
TARGETS = set(re.findall(r"^([a-z0-9-]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
_QUOTED = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
_MAKE = re.compile(r"^make ([a-z0-9-]+)")
_PATH = re.compile(rf"^(?:{'|'.join(map(re.escape, ROOTS))})/[\w./<>*-]*(?:::\w+)?$")


def missing(document: Path, text: str) -> Iterator[str]:
    """What `text`, read as `document`, names and the checkout lacks."""
    for link in _LINK.findall(text):
        if "://" not in link and not link.startswith("mailto:") and not (document.parent / link).exists():
            yield link
    for quoted in _QUOTED.findall(text):
        if (made := _MAKE.match(quoted)) and made[1] not in TARGETS:
            yield quoted
        if _PATH.match(quoted) and not _exists(quoted):
            yield quoted


def _exists(quoted: str) -> bool:
    """A pattern names at least one file; `file::test` names a test."""
    name, _, test = quoted.partition("::")
    pattern = re.sub(r"<[^>]*>", "*", name)
    found = list(CHECKOUT.glob(pattern))
    return bool(found) and (not test or any(f"def {test}(" in file.read_text() for file in found))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(CHECKOUT)))
def test_a_document_names_what_exists(document: Path) -> None:
    assert list(missing(document, document.read_text())) == []


@pytest.mark.parametrize(
    "text",
    [
        "see [here](docs/nowhere.md)",
        "run `make nothing`",
        "in `services/identity/src/identity/nowhere.py`",
        "held by `tests/architecture/test_documents.py::test_nothing`",
    ],
)
def test_a_name_of_nothing_is_caught(text: str) -> None:
    assert len(list(missing(CHECKOUT / "README.md", text))) == 1
