"""docker-compose.yml, and the secrets that it mounts."""

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from newsreel_deploy.compose.secrets import write_secrets

IMAGES = [
    f"newsreel/{name}:dev"
    for name in ("identity", "notifier", "catalog", "delivery", "portal", "bus", "samples")
]


def test_secrets_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    made = write_secrets(folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "secrets.json").stat().st_mode) == 0o600
    texts = {name: (folder / name).read_text() for name in made}
    assert texts["identity/newsreel_code_keys"] == texts["notifier/newsreel_code_keys"]
    assert texts["postgres/catalog"] == texts["catalog/newsreel_postgres_password"]
    assert f"name=admin,password={texts['bus/newsreel_kafka_password']}]" in texts["kafka/users"]

    assert write_secrets(folder) == []
    (folder / "portal/newsreel_portal_signing_key").unlink()
    assert write_secrets(folder) == ["portal/newsreel_portal_signing_key"]
    assert {name: (folder / name).read_text() for name in made} == texts


def needs_images() -> None:
    """Skip where there is no Docker engine, or the images were not built."""
    if shutil.which("docker") is None:
        pytest.skip("docker is not here")
    asked = ["docker", "image", "inspect", *IMAGES]
    if (done := subprocess.run(asked, capture_output=True, text=True, check=False)).returncode != 0:
        pytest.skip(f"no Docker engine with our images (make images): {done.stderr.strip()[:200]}")


def test_the_system_starts_shows_itself_and_outlives_a_kill() -> None:
    needs_images()
    command = [sys.executable, "-m", "newsreel_deploy", "compose-test", "--short"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith('{"steps":')
