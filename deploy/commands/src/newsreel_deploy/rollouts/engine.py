"""Images out of a Docker engine: those of the overlay, a next version with a migration, a broken one."""

import tempfile
from pathlib import Path

from newsreel_deploy.cluster.errors import ClusterError, MachineError
from newsreel_deploy.cluster.program import run
from newsreel_local.paths import CHECKOUT

NEXT, BROKEN = "next", "broken"
_NEXT_DOCKERFILE = """FROM newsreel/{service}:dev
USER 0
COPY migration.sql /migration.sql
RUN ["/app/bin/python", "-c", "import shutil, {service}.migrations as m; \\
shutil.copy('/migration.sql', list(m.__path__)[0] + '/{name}')"]
USER 65532:65532
"""
_BROKEN_DOCKERFILE = """FROM newsreel/{service}:dev
ENTRYPOINT ["/app/bin/python", "-c", "raise SystemExit('this image is broken')"]
"""


def why_not() -> str | None:
    """Why images cannot be had here; None when an engine answers."""
    try:
        run(["docker", "version"])
    except ClusterError as error:
        return f"no Docker engine answers: start one, or point DOCKER_HOST at it ({error})"
    return None


def require(names: set[str]) -> None:
    """Raises `MachineError` that names the images which the engine does not have."""
    lacking = []
    for name in sorted(names):
        try:
            run(["docker", "image", "inspect", name])
        except ClusterError:
            lacking.append(name)
    if lacking:
        ours = "; `make images` builds ours" if any(name.startswith("newsreel/") for name in lacking) else ""
        raise MachineError(f"the Docker engine has no image {', '.join(lacking)}{ours}; pull the others")


def save(names: set[str], archive: Path) -> None:
    """One archive with all of them; their common layers are in it once."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    run(["docker", "save", "--output", archive, *sorted(names)])


def build_next(service: str, sql: str) -> str:
    """The image of a next version of `service`, with one migration more than the sources have."""
    count = len(list((CHECKOUT / f"services/{service}/src/{service}/migrations").glob("*.sql")))
    name = f"{count + 1:04}_trial.sql"
    files = {"Dockerfile": _NEXT_DOCKERFILE.format(service=service, name=name), "migration.sql": sql}
    return _build(f"newsreel/{service}:{NEXT}", files)


def build_broken(service: str) -> str:
    """An image of `service` whose process ends at once."""
    return _build(f"newsreel/{service}:{BROKEN}", {"Dockerfile": _BROKEN_DOCKERFILE.format(service=service)})


def _build(name: str, files: dict[str, str]) -> str:
    with tempfile.TemporaryDirectory() as context:
        for path, text in files.items():
            (Path(context) / path).write_text(text)
        run(["docker", "build", "--quiet", "--tag", name, context])
    return name
