"""What is private to aiokafka and FastStream is touched in one module each, which says why."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from newsreel_local.paths import CHECKOUT

RUNTIME = CHECKOUT / "shared/runtime/src/newsreel_runtime"
HOMES = {RUNTIME / "aiokafka_internals.py", RUNTIME / "faststream_internals.py"}
FOLDERS = ("shared", "services", "deploy", "tests", "benchmarks")
INSIDE = (  # modules that these libraries do not document
    "aiokafka.client",
    "aiokafka.cluster",
    "aiokafka.conn",
    "aiokafka.consumer",
    "aiokafka.coordinator",
    "aiokafka.partitioner",
    "aiokafka.producer",
    "aiokafka.protocol",
    "aiokafka.record",
    "faststream.kafka.message",
    "faststream.kafka.subscriber",
)
# What speaks the protocol itself, to ask the broker without a client's opinion, or to play a broker.
PROBES = {
    CHECKOUT / "tests/support/newsreel_testing/broker_probe.py",
    CHECKOUT / "tests/shared/test_fetching_consumer.py",
}
NOT_PRIVATE_BY_NAME = {
    "broker_config",
    "error_future",
    "sender_task",
    "unauthorized_topics",
    "has_valid_position",
}


def private_names(home: str) -> set[str]:
    """The names that a home reaches for: those with an underscore, and those that only look public."""
    named = {node.attr for node in ast.walk(ast.parse(home)) if isinstance(node, ast.Attribute)}
    return {name for name in named if name.startswith("_") and not name.startswith("__")} | (
        named & NOT_PRIVATE_BY_NAME
    )


def _of_the_class_itself(tree: ast.AST) -> set[int]:
    """The accesses of `self` in classes that do not derive from one of aiokafka's."""
    return {
        id(node)
        for made in ast.walk(tree)
        if isinstance(made, ast.ClassDef) and not any("Kafka" in ast.unparse(base) for base in made.bases)
        for node in ast.walk(made)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    }


def touches(source: str, names: set[str]) -> Iterator[str]:
    """Where `source` reaches inside: by an attribute, by a string that hides one, by an import."""
    tree = ast.parse(source)
    own = _of_the_class_itself(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in names and id(node) not in own:
            yield f"line {node.lineno}: .{node.attr}"
        elif isinstance(node, ast.Constant) and node.value in names:
            yield f"line {node.lineno}: {node.value!r}"
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(INSIDE):
            yield f"line {node.lineno}: {node.module}"


def files() -> list[Path]:
    return sorted(
        file
        for folder in FOLDERS
        for file in (CHECKOUT / folder).rglob("*.py")
        if file not in HOMES and file != Path(__file__)
    )


def test_private_names_stand_in_one_module() -> None:
    names = set.union(*(private_names(home.read_text()) for home in HOMES))
    assert {"_client", "_coordinator", "_txn_manager", "broker_config"} <= names
    found = {str(file.relative_to(CHECKOUT)): list(touches(file.read_text(), names)) for file in files()}
    for probe in PROBES:
        found[str(probe.relative_to(CHECKOUT))] = [
            touch for touch in found[str(probe.relative_to(CHECKOUT))] if "aiokafka." not in touch
        ]
    assert {file: lines for file, lines in found.items() if lines} == {}


@pytest.mark.parametrize("home", sorted(HOMES))
def test_each_touch_says_why(home: Path) -> None:
    tree = ast.parse(home.read_text())
    reasons = [
        ast.get_docstring(node)
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    assert reasons
    assert all(reasons)


@pytest.mark.parametrize(
    "source",
    [
        "consumer._client.send(0)",
        "x = getattr(consumer, '_client')",
        "class Mine(AIOKafkaConsumer):\n    def f(self): return self._client",
        "from aiokafka.protocol.fetch import FetchRequest",
    ],
)
def test_a_touch_is_seen(source: str) -> None:
    assert list(touches(source, {"_client"}))


def test_an_own_attribute_of_that_name_is_left_alone() -> None:
    assert not list(touches("class Mine:\n    def f(self): return self._client", {"_client"}))
