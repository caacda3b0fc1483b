"""Whether this machine can run a cluster, and if not, why."""

import os
import shutil
import subprocess
import sys

from newsreel_deploy.cluster.binaries import are_built, binaries
from newsreel_deploy.cluster.packages import missing


def why_no_control_plane() -> str | None:
    """The reason; None when it can, perhaps after a build of minutes."""
    return None if sys.platform == "linux" else "it is not Linux"


def why_no_nodes() -> str | None:
    """The reason; None when it can, perhaps after a build of minutes and a fetch of Debian packages."""
    if why_no_control_plane():
        return why_no_control_plane()
    if os.geteuid() != 0:
        return "nodes need root: they make network and mount namespaces"
    for program, package in (("unshare", "util-linux"), ("nsenter", "util-linux"), ("ip", "iproute2")):
        if shutil.which(program) is None:
            return f"there is no {program}: install {package}"
    tried = subprocess.run(
        ["unshare", "--net", "--mount", "--pid", "--fork", "true"],  # noqa: S607 (as the shell finds it)
        capture_output=True,
        text=True,
        check=False,
    )
    if tried.returncode != 0:
        return f"namespaces are not allowed here: {tried.stderr.strip()}"
    lacking = missing(binaries().folder)
    if lacking and shutil.which("apt-get") is None:
        return f"install {', '.join(sorted(lacking))}"
    return None


def why_not_quickly(nodes: bool) -> str | None:
    """The reason why a test of seconds cannot use it: as above, or the programs are not built yet."""
    if not are_built():
        return "the cluster's programs are not built: python -m newsreel_deploy cluster build"
    reason = why_no_nodes() if nodes else why_no_control_plane()
    lacking = missing(binaries().folder) if nodes else set()
    if reason is None and lacking:
        names = ", ".join(sorted(lacking))
        return f"not installed: {names}; python -m newsreel_deploy cluster build fetches them"
    return reason
