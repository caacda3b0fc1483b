"""The published vectors once more, by a shell and openssl: nothing here shares code with our signers."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

_FOLDER = Path(__file__).parents[2] / "services/delivery/vectors"
_NEEDS_OPENSSL = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")


def _file(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_FOLDER / name).read_text())
    return found


def _name(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def _said(script: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([_FOLDER / script, *words], capture_output=True, text=True, check=False)


_DL1, _S3, _CLOUDFRONT = _file("dl1.json"), _file("sigv4.json"), _file("cloudfront.json")
_S3_URLS: list[dict[str, Any]] = [{"expect": "accepted"} | vector for vector in _S3["signed"]] + _S3["judged"]
_CLOUDFRONT_URLS: list[dict[str, Any]] = [
    {"expect": "accepted"} | vector for vector in _CLOUDFRONT["signed"]
] + [vector for vector in _CLOUDFRONT["judged"] if "before it begins" not in vector["name"]]


@_NEEDS_OPENSSL
@pytest.mark.parametrize("vector", [vector for vector in _DL1["vectors"] if "canonical" in vector], ids=_name)
def test_dl1(vector: dict[str, Any]) -> None:
    parameters = dict(part.split("=", 1) for part in vector["query"].split("&"))
    key = _DL1["keys"].get(parameters["k"], _DL1["keys"]["k1"])
    said = _said("dl1.sh", vector["host"], vector["path"], vector["query"], key)
    assert (said.stdout, said.stderr) == (parameters["s"], "")


@_NEEDS_OPENSSL
@pytest.mark.parametrize("vector", _S3_URLS, ids=_name)
def test_sigv4(vector: dict[str, Any]) -> None:
    _, _, credential = vector["url"].partition("X-Amz-Credential=")
    secret = _S3["access_keys"][credential.partition("%2F")[0]]["secret"]
    said = _said("sigv4.sh", vector["url"], secret)
    right = said.stdout.strip() == vector["url"].rpartition("=")[2]
    assert said.stderr == ""
    assert right == (vector["expect"] != "refused")


@_NEEDS_OPENSSL
@pytest.mark.parametrize("vector", _CLOUDFRONT_URLS, ids=_name)
def test_cloudfront(vector: dict[str, Any], tmp_path: Path) -> None:
    _, _, kid = vector["url"].partition("&Key-Pair-Id=")
    public = tmp_path / "public.pem"
    public.write_text(_CLOUDFRONT["keys"][kid.partition("&")[0]]["public"])
    said = _said("cloudfront.sh", vector["url"], str(public))
    assert (said.returncode == 0) == (vector["expect"] != "refused"), said.stderr
