"""Every service is made of the same files; what lacks a step lacks the file."""

import re
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SERVICES = ("identity", "notifier", "catalog", "delivery", "portal")
REQUIRED = {"__init__", "__main__", "app", "settings", "inbound_http", "errors", "domain", "py.typed"}
OPTIONAL = {
    "commands",
    "inbound_kafka",
    "inbound_timer",
    "worker",
    "representations",
    "usecases",
    "store",
    "migrations",
    "templates",
    "static",
    "locale",
}
BANNED = re.compile(r"(^|_)(utils?|common|helpers?|core|base|manager|misc)(_|$)")


LAYERS = next(
    contract["layers"]
    for contract in tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    if contract["id"] == "service-layers"
)


def names(folder: Path) -> set[str]:
    """The parts of a service, without their endings."""
    found = (path for path in folder.iterdir() if path.name != "__pycache__")
    return {path.stem if path.suffix == ".py" else path.name for path in found}


def strangers(folder: Path) -> set[str]:
    """Parts that are not in the house's file set. What a service talks to is `outbound_<what>`."""
    outbound = {name for name in names(folder) if name.startswith("outbound_")}
    return names(folder) - REQUIRED - OPTIONAL - outbound


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_has_the_file_set_of_the_house(service: str) -> None:
    folder = CHECKOUT / "services" / service / "src" / service
    assert not REQUIRED - names(folder)
    assert not strangers(folder)


@pytest.mark.parametrize("service", SERVICES)
def test_what_a_service_talks_to_has_its_layer(service: str) -> None:
    """Import arrows are checked for the modules that a layer names, and for no other."""
    outbound = {
        name for name in names(CHECKOUT / "services" / service / "src" / service) if "outbound" in name
    }
    layered = {name.strip(" ()") for layer in LAYERS for name in layer.split("|")}
    assert outbound <= layered


def test_a_file_of_another_name_is_caught(tmp_path: Path) -> None:
    (tmp_path / "handlers.py").touch()
    assert strangers(tmp_path) == {"handlers"}


def test_main_and_app_stay_small() -> None:
    for service in SERVICES:
        folder = CHECKOUT / "services" / service / "src" / service
        assert len((folder / "__main__.py").read_text().splitlines()) <= 15
        assert len((folder / "app.py").read_text().splitlines()) <= 150


def banned(root: Path) -> list[str]:
    """Modules whose name says nothing."""
    return [str(path.relative_to(root)) for path in root.rglob("*.py") if BANNED.search(path.stem)]


def test_no_module_is_a_drawer_for_everything() -> None:
    for root in ("shared", "services", "deploy"):
        assert banned(CHECKOUT / root) == []


def test_a_drawer_is_caught(tmp_path: Path) -> None:
    (tmp_path / "string_utils.py").touch()
    assert banned(tmp_path) == ["string_utils.py"]


def test_the_runtime_keeps_its_budget() -> None:
    """What runs in a service; the doctor is a command of its own."""
    files = (CHECKOUT / "shared/runtime/src/newsreel_runtime").rglob("*.py")
    running = [file for file in files if file.parent.name != "doctor"]
    assert sum(len(file.read_text().splitlines()) for file in running) <= 6800
