"""Only one module makes aiokafka's producer, and nothing publishes through FastStream."""

import ast
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
NAMES = {"AIOKafkaProducer", "publish", "publish_batch", "publisher"}


def called(tree: ast.AST) -> Iterator[str]:
    """The producer names that a module calls; a type that names the class makes none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            if name in NAMES:
                yield str(name)


def offenders(root: Path) -> set[str]:
    """The modules under `root` that call one."""
    files = [*root.glob("shared/*/src/**/*.py"), *root.glob("services/*/src/**/*.py")]
    return {str(file.relative_to(root)) for file in files if any(called(ast.parse(file.read_text())))}


def test_one_module_makes_producers() -> None:
    assert offenders(CHECKOUT) == {"shared/runtime/src/newsreel_runtime/producer.py"}


def test_a_second_one_is_caught(tmp_path: Path) -> None:
    planted = tmp_path / "services/x/src/x/outbound.py"
    planted.parent.mkdir(parents=True)
    planted.write_text("from faststream.kafka import KafkaBroker\nasync def f(b): await b.publish('x')\n")
    assert offenders(tmp_path) == {"services/x/src/x/outbound.py"}
