"""The files that are made from the models and the topics table, and whether they are up to date."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from newsreel_contracts.asyncapi import asyncapi, services
from newsreel_contracts.contract import EVENTS_FOLDER, Contract, as_text
from newsreel_contracts.flow import flow
from newsreel_contracts.page import page
from newsreel_contracts.rights import PAGE, with_rights
from newsreel_events.topics import TOPICS, Topic

CHECKOUT = EVENTS_FOLDER.parents[1]
_OWN = EVENTS_FOLDER.relative_to(CHECKOUT)
_ASYNCAPI = Path("docs/asyncapi")


def generated(topics: Sequence[Topic] = TOPICS) -> dict[Path, str]:
    """Each file's whole text, by its path inside the checkout."""
    made = {_OWN / path: text for path, text in Contract.of(topics).files().items()}
    made |= {_ASYNCAPI / name: text for name, text in _documents(topics).items()}
    made[Path("docs/flow.md")] = flow(topics)
    made[PAGE] = with_rights((CHECKOUT / PAGE).read_text(encoding="utf-8"), topics)
    return made


def site(topics: Sequence[Topic] = TOPICS) -> dict[Path, str]:
    """A page of all topics and events with the AsyncAPI documents that it links to. Not committed."""
    documents = _documents(topics)
    return {Path("index.html"): page(topics, list(documents)), **{Path(n): t for n, t in documents.items()}}


def _documents(topics: Sequence[Topic]) -> dict[str, str]:
    return {f"{service}.json": as_text(asyncapi(service, topics)) for service in services(topics)}


def outdated(files: Mapping[Path, str], root: Path = CHECKOUT) -> dict[Path, str]:
    """Those that are missing or differ, with the text that they should have."""
    return {path: text for path, text in files.items() if _differs(root / path, text)}


def _differs(path: Path, text: str) -> bool:
    return not path.exists() or path.read_text(encoding="utf-8") != text


def write(files: Mapping[Path, str], root: Path = CHECKOUT) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
