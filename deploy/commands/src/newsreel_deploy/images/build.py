"""One image, built by BuildKit into an archive whose bytes depend on the sources alone."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from newsreel_deploy.compose.project import ComposeError, docker
from newsreel_deploy.images.archive import layer_sizes
from newsreel_deploy.images.recipes import BASE, RECIPES, Recipe

_EPOCH = "0"  # the time of every file; the revision says how old the sources are


@dataclass(frozen=True)
class Built:
    """The manifest's digest, and the bytes of each layer, unpacked."""

    digest: str
    layers: list[int]


async def build(recipe: Recipe, version: str, revision: str, *, cache: bool) -> Built:
    """Build `newsreel/NAME:VERSION`, load it into the engine, and say what came out.

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
        digest = json.loads(metadata.read_text())["containerimage.digest"]
        return Built(digest, layer_sizes(archive))


async def base_layers() -> int:
    """How many layers the base has. Raises `ComposeError`."""
    return int(await docker("image", "inspect", "--format", "{{len .RootFS.Layers}}", BASE))


async def missing(version: str) -> list[Recipe]:
    """What the engine does not have in that version. Raises `ComposeError` when no engine answers."""
    await docker("version")
    return [recipe for recipe in RECIPES if not await _is_there(f"newsreel/{recipe.name}:{version}")]


async def _is_there(image: str) -> bool:
    try:
        await docker("image", "inspect", image)
    except ComposeError:
        return False
    return True
