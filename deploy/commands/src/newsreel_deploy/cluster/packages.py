"""containerd and the network plugins: those that are installed, or Debian's, unpacked."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from newsreel_deploy.cluster.errors import ClusterError, MachineError
from newsreel_deploy.cluster.program import run

_PROGRAMS = {  # program: the Debian package that has it
    "containerd": "containerd",
    "ctr": "containerd",
    "containerd-shim-runc-v2": "containerd",
    "runc": "runc",
    "iptables": "iptables",
}
_PLUGINS, _PLUGINS_PACKAGE = "usr/lib/cni", "containernetworking-plugins"
_FROM_THE_SYSTEM = ("ip", "nsenter", "unshare", "mount")  # every Debian has them


@dataclass(frozen=True)
class Packages:
    """Where the programs of a node are."""

    path: str
    """Like PATH: folders with containerd, ctr, runc, iptables."""
    plugins: Path
    """Folder of the CNI plugins."""

    def environment(self) -> dict[str, str]:
        return {**os.environ, "PATH": self.path}


def missing(folder: Path) -> set[str]:
    """The Debian packages that are neither installed nor unpacked in `folder`."""
    there = _path(folder)
    absent = {package for program, package in _PROGRAMS.items() if not shutil.which(program, path=there)}
    return absent if _plugins(folder) else {*absent, _PLUGINS_PACKAGE}


def packages(folder: Path, say: Callable[[str], None]) -> Packages:
    """The programs of a node; what is missing is fetched with apt and unpacked. Raises `MachineError`."""
    lacking = [program for program in _FROM_THE_SYSTEM if not shutil.which(program)]
    if lacking:
        raise MachineError(f"there is no {', '.join(lacking)}: install iproute2 and util-linux")
    absent = missing(folder)
    if absent:
        say(f"fetching {', '.join(sorted(absent))}")
        _unpack(sorted(absent), folder)
    plugins = _plugins(folder)
    if missing(folder) or plugins is None:
        raise MachineError(
            f"install {', '.join(sorted(missing(folder)))}: apt's packages lack what is needed"
        )
    return Packages(_path(folder), plugins)


def _unpack(names: list[str], folder: Path) -> None:
    """Without installing: a running containerd of the machine's own is left alone."""
    fetched = folder / "fetched"
    fetched.mkdir(parents=True, exist_ok=True)
    try:
        run(["apt-get", "download", "-q", *names], cwd=fetched)
    except ClusterError:
        try:
            run(["apt-get", "update", "-q"])
            run(["apt-get", "download", "-q", *names], cwd=fetched)
        except ClusterError as error:
            raise MachineError(f"apt did not give {', '.join(names)}; install them: {error}") from error
    for package in fetched.glob("*.deb"):
        run(["dpkg-deb", "--extract", package, folder])
    shutil.rmtree(fetched)


def _path(folder: Path) -> str:
    own = [str(folder / place) for place in ("usr/bin", "usr/sbin")]
    return ":".join([*own, "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"])


def _plugins(folder: Path) -> Path | None:
    for place in (folder / _PLUGINS, Path("/") / _PLUGINS, Path("/opt/cni/bin")):
        if (place / "bridge").exists():
            return place
    return None
