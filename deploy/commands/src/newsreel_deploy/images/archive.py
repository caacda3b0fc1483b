"""An OCI archive read: https://github.com/opencontainers/image-spec/blob/main/image-layout.md."""

import gzip
import json
import tarfile
from pathlib import Path
from typing import IO, Any

_CHUNK = 1 << 20


def layer_sizes(archive: Path) -> list[int]:
    """The bytes of each layer of its one image, unpacked, from the base up: the same on every file system."""
    with tarfile.open(archive) as opened:
        index = _json(opened, "index.json")
        manifest = _json(opened, _blob(index["manifests"][0]["digest"]))
        return [_unpacked(opened, _blob(layer["digest"])) for layer in manifest["layers"]]


def _blob(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"


def _file(opened: tarfile.TarFile, name: str) -> IO[bytes]:
    file = opened.extractfile(name)
    if file is None:
        raise ValueError(f"{name} is no file of the archive")
    return file


def _json(opened: tarfile.TarFile, name: str) -> Any:
    return json.load(_file(opened, name))


def _unpacked(opened: tarfile.TarFile, name: str) -> int:
    with gzip.open(_file(opened, name)) as layer:
        return sum(len(chunk) for chunk in iter(lambda: layer.read(_CHUNK), b""))
