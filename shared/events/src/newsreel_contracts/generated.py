"""The files that are made from the models and the topics table, and whether they are up to date."""

from collections.abc import Mapping
from pathlib import Path

from newsreel_contracts.contract import EVENTS_FOLDER, Contract

CHECKOUT = EVENTS_FOLDER.parents[1]


def generated(contract: Contract) -> dict[Path, str]:
    """Each file's whole text, by its path inside the checkout."""
    own = EVENTS_FOLDER.relative_to(CHECKOUT)
    return {own / path: text for path, text in contract.files().items()}


def outdated(contract: Contract, root: Path = CHECKOUT) -> dict[Path, str]:
    """Those that are missing or differ, with the text that they should have."""
    return {
        path: text
        for path, text in generated(contract).items()
        if not (root / path).exists() or (root / path).read_text() != text
    }


def write(files: Mapping[Path, str], root: Path = CHECKOUT) -> None:
    """Write them."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
