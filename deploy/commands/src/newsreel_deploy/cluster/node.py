"""One node: what runs inside its network and mount namespaces, as a service manager would keep it."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path

from newsreel_deploy.cluster.binaries import Binaries
from newsreel_deploy.cluster.errors import ClusterError
from newsreel_deploy.cluster.node_files import HOST_ADDRESS, KUBELET, Node
from newsreel_deploy.cluster.packages import Packages
from newsreel_deploy.cluster.program import last_words, run, start

_PATIENCE = 60.0  # seconds for a link or containerd to be there
_CGROUPS = Path("/sys/fs/cgroup")
_WEIGHT = 20  # all pods together count as so many processes: one, as by default, starves beside a compiler


def run_node(node: Node, others: list[Node], binaries: Binaries, packages: Packages) -> None:
    """Bring it up, then start a kubelet that ended again. Returns never; raises `ClusterError`."""
    run(["hostname", node.name])
    run(["mount", "-t", "tmpfs", "tmpfs", "/run"])
    KUBELET.mkdir(parents=True)
    node.write(packages)
    run(["mount", "--bind", node.folder / "kubelet", KUBELET])
    _ask_the_cluster_for_names(node)
    _connect(node, others)
    make_cgroup(node.cgroup)
    environment = packages.environment()
    start(
        ["containerd", "--config", str(node.folder / "containerd.toml")],
        node.folder / "containerd.log",
        env=environment,
    )
    _await(
        lambda: import_images(node, packages), f"containerd of {node.name}", node.folder / "containerd.log"
    )
    proxy = [str(binaries.kubernetes), "kube-proxy", "--config", str(node.folder / "proxy.json")]
    start(proxy, node.folder / "kube-proxy.log", env=environment)
    while True:
        kubelet = start(
            node.kubelet_command(binaries.kubernetes), node.folder / "kubelet.log", env=environment
        )
        kubelet.wait()
        while node.hold.exists():
            time.sleep(0.1)


def _connect(node: Node, others: list[Node]) -> None:
    """Addresses and routes; the cluster hands the link in."""
    _await(lambda: run(["ip", "link", "show", "eth0"]), "the link eth0", node.folder / "node.log")
    for words in (
        "link set lo up",
        f"addr add {node.address}/24 dev eth0",
        "link set eth0 up",
        f"route add default via {HOST_ADDRESS}",
        *(f"route add {other.pods} via {other.address}" for other in others),
    ):
        run(["ip", *words.split()])
    for name in ("ipv4/ip_forward", "bridge/bridge-nf-call-iptables"):
        with contextlib.suppress(FileNotFoundError):
            (Path("/proc/sys/net") / name).write_text("1")


def _ask_the_cluster_for_names(node: Node) -> None:
    names = Path("/etc/resolv.conf").resolve()
    if not names.exists():
        names.parent.mkdir(parents=True, exist_ok=True)
        names.touch()
    run(["mount", "--bind", node.folder / "resolv.conf", names])


def make_cgroup(name: str) -> None:
    """The folder of a node's pods, with every controller, in both generations of cgroups."""
    if (_CGROUPS / "cgroup.controllers").exists():
        folder = _CGROUPS
        for part in name.strip("/").split("/"):
            available = (folder / "cgroup.controllers").read_text().split()
            (folder / "cgroup.subtree_control").write_text(" ".join(f"+{one}" for one in available))
            folder /= part
            folder.mkdir(exist_ok=True)
        (folder.parent / "cpu.weight").write_text(str(100 * _WEIGHT))
        return
    for controller in _CGROUPS.iterdir():
        (controller / name.strip("/")).mkdir(parents=True, exist_ok=True)
    (_CGROUPS / "cpu" / name.strip("/")).parent.joinpath("cpu.shares").write_text(str(1024 * _WEIGHT))


def import_images(node: Node, packages: Packages) -> None:
    """Give containerd every archive of the cluster's image folder. Raises `ClusterError`."""
    for archive in sorted((node.state / "images").glob("*.tar")):
        import_image(node, packages, archive)


def import_image(node: Node, packages: Packages, archive: Path) -> None:
    """Give containerd one archive (OCI, or what `docker save` writes). Raises `ClusterError`."""
    words = ["ctr", "--address", str(node.socket), "--namespace", "k8s.io", "images", "import", str(archive)]
    run(["nice", *words], env=packages.environment())


def _await(look: Callable[[], object], what: str, log: Path) -> None:
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            look()
        except ClusterError as error:
            if time.monotonic() > end:
                raise ClusterError(f"{what} is not there: {last_words(log) or error}") from error
            time.sleep(0.1)
        else:
            return
