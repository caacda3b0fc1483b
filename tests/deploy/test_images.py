"""The images: Dockerfiles that a linter takes, a bill of materials by the lock, the same bytes twice."""

import gzip
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from newsreel_deploy.images.archive import layer_sizes
from newsreel_deploy.images.materials import Installed, LockError, bill
from newsreel_deploy.images.recipes import BASE, RECIPES
from newsreel_local.paths import CHECKOUT

DOCKERFILES = sorted((CHECKOUT / "deploy").glob("*.Dockerfile"))
DIGEST = "sha256:" + "a" * 64
LOCK = f"""\
idna==3.20 \\
    --hash=sha256:{"1" * 64} \\
    --hash=sha256:{"2" * 64}
    # via httpx
attrs==26.1.0 ; python_version < '4' \\
    --hash=sha256:{"3" * 64}
"""
IDNA = Installed("idna", "3.20", "BSD-3-Clause")


def hadolint(dockerfile: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("hadolint")), str(dockerfile)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.name)
def test_the_linter_takes_it(dockerfile: Path) -> None:
    done = hadolint(dockerfile)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("ENTRYPOINT /app/bin/service", "DL3025"),
        ("RUN apt-get update", "DL3009"),
        ("RUN cd /app && ls | wc -l", "DL4006"),
        ("WORKDIR app", "DL3000"),
    ],
)
def test_the_linter_sees_a_mistake(line: str, rule: str, tmp_path: Path) -> None:
    wrong = tmp_path / "Dockerfile"
    wrong.write_text(f"FROM {BASE}\n{line}\n")
    done = hadolint(wrong)
    assert done.returncode != 0
    assert rule in done.stdout


@pytest.mark.parametrize("dockerfile", DOCKERFILES, ids=lambda path: path.name)
def test_it_runs_as_a_number_with_words_and_no_frontend_is_fetched(dockerfile: Path) -> None:
    text = dockerfile.read_text()
    assert not re.search(r"^#\s*syntax=", text, re.MULTILINE)
    assert f"\nARG PYTHON_IMAGE={BASE}\n" in text
    assert re.search(r'^ENTRYPOINT \["', text, re.MULTILINE)
    assert re.findall(r"^USER (.*)", text, re.MULTILINE) in ([], ["65532:65532"])


def test_compose_and_the_recipes_name_the_same_images() -> None:
    compose = (CHECKOUT / "docker-compose.yml").read_text()
    named = set(re.findall(r"\$\{NEWSREEL_IMAGES:-newsreel\}/([a-z]+):", compose))
    assert named == {recipe.name for recipe in RECIPES}


def test_a_bill_names_each_part_with_the_hashes_of_the_lock() -> None:
    installed = [IDNA, Installed("attrs", "26.1.0", None), Installed("newsreel-portal", "0.1.0", None)]
    text = bill("newsreel/portal", "dev", DIGEST, installed, LOCK)
    assert text == bill("newsreel/portal", "dev", DIGEST, reversed(installed), LOCK)
    told = json.loads(text)
    parts = {part["name"]: part for part in told["components"]}
    assert set(parts) == {"idna", "attrs", "newsreel-portal"}
    assert [value["content"][0] for value in parts["idna"]["hashes"]] == ["1", "2"]
    assert parts["idna"]["purl"] == "pkg:pypi/idna@3.20"
    assert parts["attrs"]["hashes"][0]["content"] == "3" * 64
    assert told["metadata"]["component"]["hashes"][0]["content"] == "a" * 64
    assert set(told["dependencies"][0]) >= {"ref"}


@pytest.mark.parametrize("stranger", [Installed("idna", "3.19", None), Installed("requests", "2.33.0", None)])
def test_what_the_lock_does_not_name_is_refused(stranger: Installed) -> None:
    with pytest.raises(LockError, match=rf"{stranger.name} {stranger.version}.*make lock"):
        bill("newsreel/portal", "dev", DIGEST, [IDNA, stranger], LOCK)


def test_a_layer_counts_as_it_is_unpacked(tmp_path: Path) -> None:
    layers = [gzip.compress(b"x" * 2_000_000), gzip.compress(b"")]
    blobs = {f"{number}" * 64: layer for number, layer in enumerate(layers)}
    manifest = json.dumps({"layers": [{"digest": f"sha256:{name}"} for name in blobs]}).encode()
    index = json.dumps({"manifests": [{"digest": DIGEST}]}).encode()
    archive = tmp_path / "image.tar"
    with tarfile.open(archive, "w") as opened:
        files = {f"blobs/sha256/{name}": blob for name, blob in {**blobs, "a" * 64: manifest}.items()}
        for name, blob in {"index.json": index, **files}.items():
            member = tarfile.TarInfo(name)
            member.size = len(blob)
            opened.addfile(member, io.BytesIO(blob))
    assert layer_sizes(archive) == [2_000_000, 0]


def test_an_unknown_image_is_named() -> None:
    command = [sys.executable, "-m", "newsreel_deploy", "images", "gateway"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "no image gateway; there are identity, notifier" in done.stderr


def needs_a_base() -> None:
    """Skip where no engine answers, or where it has no base to build on."""
    if shutil.which("docker") is None:
        pytest.skip("docker is not here")
    asked = ["docker", "image", "inspect", BASE]
    if (done := subprocess.run(asked, capture_output=True, text=True, check=False)).returncode != 0:
        pytest.skip(f"no Docker engine with {BASE}: {done.stderr.strip()[:200]}")


def test_an_image_comes_out_the_same_twice() -> None:
    needs_a_base()
    command = [sys.executable, "-m", "newsreel_deploy", "images", "--version", "pytest", "portal"]
    forget = ["docker", "image", "rm", "newsreel/portal:pytest"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        subprocess.run(forget, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert figures["reproducible"] is True
    assert 0 < figures["images_mb"] <= 120
