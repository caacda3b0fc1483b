"""An image in OCI's layout (image-spec 1.1) made of one static program: no engine, no registry."""

import hashlib
import io
import json
import platform
import tarfile
from pathlib import Path

_OCI = "application/vnd.oci.image."
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


def write_image(archive: Path, name: str, program: Path) -> None:
    """Write an archive for `ctr images import`: image `name` (with its tag) runs `program` as user 65532."""
    layer = _layer(program)
    config = {
        "architecture": _MACHINES.get(platform.machine(), platform.machine()),
        "os": "linux",
        "config": {"Entrypoint": [f"/{program.name}"], "User": "65532"},
        "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
    }
    blobs = [layer, json.dumps(config).encode()]
    manifest = {
        "schemaVersion": 2,
        "mediaType": f"{_OCI}manifest.v1+json",
        "config": _descriptor("config.v1+json", blobs[1]),
        "layers": [_descriptor("layer.v1.tar", layer)],
    }
    blobs.append(json.dumps(manifest).encode())
    named = _descriptor("manifest.v1+json", blobs[2]) | {"annotations": {"io.containerd.image.name": name}}
    archive.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(archive, "w") as tar:
        _add(tar, "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
        _add(tar, "index.json", json.dumps({"schemaVersion": 2, "manifests": [named]}).encode())
        for blob in blobs:
            _add(tar, f"blobs/sha256/{_digest(blob).removeprefix('sha256:')}", blob)


def _layer(program: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        _add(tar, program.name, program.read_bytes(), mode=0o755)
    return packed.getvalue()


def _add(tar: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), mode
    tar.addfile(entry, io.BytesIO(content))


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def _descriptor(kind: str, blob: bytes) -> dict[str, object]:
    return {"mediaType": _OCI + kind, "digest": _digest(blob), "size": len(blob)}
