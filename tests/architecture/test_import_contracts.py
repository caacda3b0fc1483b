"""Each import contract holds, and a planted violation of it is caught."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCES = [*CHECKOUT.glob("shared/*/src"), *CHECKOUT.glob("services/*/src")]

# contract id → (file to add to, the line that breaks it)
PLANTED = {
    "services-independent": ("notifier/usecases/planted.py", "import identity.domain"),
    "shared-below-services": ("newsreel_runtime/planted.py", "import catalog.errors"),
    "events-alone": ("newsreel_events/planted.py", "import asyncpg"),
    "service-layers": ("identity/domain/planted.py", "import identity.store"),
    "no-circles": ("newsreel_runtime/outbox.py", "import newsreel_runtime.transaction"),
    "domain-pure": ("delivery/domain/planted.py", "import asyncpg"),
    "settings-composed": ("catalog/usecases/planted.py", "import catalog.settings"),
    "producers-few": ("newsreel_runtime/consumer/consumer.py", "import newsreel_runtime.producer"),
    "kafka-in-the-runtime": ("identity/usecases/planted.py", "import aiokafka"),
}


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All packages side by side, with the contracts."""
    folder = tmp_path_factory.mktemp("contracts")
    for source in SOURCES:
        shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(CHECKOUT / "pyproject.toml", folder)
    return folder


def lint(folder: Path, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    """import-linter over the packages in `folder` alone."""
    chosen = ["--contract", contract] if contract else []
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", *chosen]
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_every_contract_has_a_planted_violation() -> None:
    document = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    assert {contract["id"] for contract in document["tool"]["importlinter"]["contracts"]} == set(PLANTED)


def test_the_contracts_hold(copied: Path) -> None:
    result = lint(copied)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("contract", PLANTED)
def test_a_planted_violation_is_caught(contract: str, copied: Path) -> None:
    name, line = PLANTED[contract]
    file = copied / name
    before = file.read_text() if file.exists() else None
    file.write_text(f"{line}\n{before or ''}")
    try:
        result = lint(copied, contract)
    finally:
        file.write_text(before) if before is not None else file.unlink()
    assert result.returncode == 1, result.stdout
    assert "BROKEN" in result.stdout
