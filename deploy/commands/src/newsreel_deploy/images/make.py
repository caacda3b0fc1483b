"""All images made: a line a step, a table, and one JSON object."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from newsreel_deploy.compose.project import Project
from newsreel_deploy.compose.secrets import write_secrets
from newsreel_deploy.images.build import Built, base_layers, build
from newsreel_deploy.images.materials import bill, installed_in
from newsreel_deploy.images.recipes import RECIPES, Recipe
from newsreel_deploy.images.revision import revision
from newsreel_deploy.images.start import start_seconds
from newsreel_deploy.steps import Steps
from newsreel_local.paths import CHECKOUT
from newsreel_local.ports import free_ports

MATERIALS = CHECKOUT / "dist" / "materials"


async def make_images(recipes: Sequence[Recipe], version: str, *, twice: bool) -> bool:
    """Build `recipes`; False when a second build, without the cache, came out differently.

    Raises `ComposeError`, `LockError`, `TimeoutError`.
    """
    step = Steps("images")
    commit = revision()
    images: dict[str, Built] = {}
    different = []
    for recipe in recipes:
        built = await step(recipe.name, build(recipe, version, commit, cache=not twice))
        images[recipe.name] = built
        if twice and built != await step(
            f"{recipe.name}, again", build(recipe, version, commit, cache=False)
        ):
            different.append(recipe.name)
            print(f"images: {recipe.name}: the second build DIFFERS", flush=True)
        await step(f"materials of {recipe.name}", _write_materials(recipe.name, version, built.digest))
    below = await base_layers()
    sizes = {name: sum(built.layers[below:]) for name, built in images.items()}
    measured = twice and len(recipes) == len(RECIPES)
    starts = await step("start times", _starts(version)) if measured else {}
    print(f"{'image':10} {'MB over the base':>16} {'ready after s':>14}  digest")
    for name, built in images.items():
        ready = f"{starts[name]:.2f}" if name in starts else "-"
        note = " DIFFERS" if name in different else ""
        print(f"{name:10} {sizes[name] / 1e6:16.1f} {ready:>14}  {built.digest[:19]}{note}")
    programs = [size for name, size in sizes.items() if name != "samples"]  # those are mostly videos
    figures = {
        "images_mb": round(max(programs or sizes.values()) / 1e6, 1),
        "start_s": round(max(starts.values()), 2) if starts else None,
        "reproducible": not different if twice else None,
    }
    print(json.dumps(figures), flush=True)
    return not different


async def _write_materials(name: str, version: str, digest: str) -> None:
    found = await installed_in(f"newsreel/{name}:{version}")
    text = bill(f"newsreel/{name}", version, digest, found, (CHECKOUT / "requirements.lock").read_text())
    MATERIALS.mkdir(parents=True, exist_ok=True)
    (MATERIALS / f"{name}.cdx.json").write_text(text)


async def _starts(version: str) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="newsreel-images-") as folder:
        write_secrets(Path(folder) / "secrets")
        port, mail_port = free_ports(2)
        project = Project(f"newsreel-images-{port}", Path(folder) / "secrets", port, mail_port, version)
        try:
            await project.up()
            return await start_seconds(project)
        finally:
            await project.compose("down", "--volumes", "--remove-orphans")
