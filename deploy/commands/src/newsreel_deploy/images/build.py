"""One image, built by BuildKit into an archive whose bytes depend on the sources alone."""

import json
import tempfile
from pathlib import Path

from newsreel_deploy.compose.project import docker
from newsreel_deploy.images.recipes import BASE, Recipe

_EPOCH = "0"  # the time of every file; the revision says how old the sources are


async def build(recipe: Recipe, version: str, revision: str, *, cache: bool) -> str:
    """Build `newsreel/NAME:VERSION`, load it into the engine, and return its manifest's digest.

    Raises `ComposeError` with the builder's last words.
    """
    arguments = {**recipe.arguments, "VERSION": version, "REVISION": revision, "SOURCE_DATE_EPOCH": _EPOCH}
    image = f"newsreel/{recipe.name}:{version}"
    with tempfile.TemporaryDirectory(prefix="newsreel-image-") as folder:
        archive, metadata = Path(folder) / "image.tar", Path(folder) / "metadata.json"
        words = ["buildx", "build", "--quiet", "--provenance=false", "--file", recipe.dockerfile]
        for name, value in arguments.items():
            words += ["--build-arg", f"{name}={value.format(version=version)}"]
        words += [] if cache else ["--no-cache"]
        words += ["--output", f"type=oci,name={image},dest={archive},rewrite-timestamp=true"]
        await docker(*words, "--metadata-file", str(metadata), ".")
        await docker("load", "--input", str(archive))
        digest: str = json.loads(metadata.read_text())["containerimage.digest"]
    return digest


async def over_base(image: str) -> int:
    """The bytes that its layers take on a disk beyond those of the base. Raises `ComposeError`."""
    return await _layers(image) - await _layers(BASE)


async def _layers(image: str) -> int:
    shown = await docker("history", "--human=false", "--format", "{{.Size}}", image)
    return sum(int(line) for line in shown.split())
