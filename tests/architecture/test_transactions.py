"""Where a transaction may be opened, and where an event may leave from."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
# method → the parts of a service that may call it
ALLOWED = {
    "begin": {"inbound_http", "inbound_kafka", "inbound_timer", "worker", "commands", "usecases"},
    "emit": {"outbound_events"},
    "tombstone": {"outbound_events"},
}


def offenders(services: Path) -> Iterator[str]:
    """`file: method` for each call from a part that may not."""
    for file in sorted(services.glob("*/src/**/*.py")):
        part = file.relative_to(services).parts[3].removesuffix(".py")
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                name = node.func.attr
                if name in ALLOWED and part not in ALLOWED[name]:
                    yield f"{file.relative_to(services)}: {name}"


def test_transactions_are_opened_and_events_leave_where_the_house_says() -> None:
    assert list(offenders(CHECKOUT / "services")) == []


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ("store", "async def f(database):\n    async with database.begin() as tx: pass\n"),
        ("domain", "def f(tx, event): tx.emit(event)\n"),
        ("usecases", "def f(tx): tx.tombstone('topic', 'key')\n"),
    ],
)
def test_a_call_from_another_place_is_caught(part: str, line: str, tmp_path: Path) -> None:
    planted = tmp_path / f"x/src/x/{part}/planted.py"
    planted.parent.mkdir(parents=True)
    planted.write_text(line)
    (found,) = offenders(tmp_path)
    assert found.startswith(f"x/src/x/{part}/planted.py: ")
