"""The first process of a cluster's namespaces: starts everything, and takes everything along when it ends."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

from newsreel_deploy.cluster.addons import add_dns, add_storage
from newsreel_deploy.cluster.binaries import binaries
from newsreel_deploy.cluster.control_plane import ControlPlane, Listening, start_control_plane
from newsreel_deploy.cluster.errors import ClusterError
from newsreel_deploy.cluster.node import run_node
from newsreel_deploy.cluster.node_files import HOST_ADDRESS, Node
from newsreel_deploy.cluster.packages import packages
from newsreel_deploy.cluster.program import last_words, run, start

API_PORT, ETCD_PORT, PEERS_PORT = 6443, 2379, 2380
_PATIENCE = 180.0  # seconds until the nodes are ready; sixteen on an idle machine


def ready_file(state: Path) -> Path:
    """Is there once the cluster is ready."""
    return state / "ready"


def run_inside(state: Path, count: int) -> int:
    """In fresh namespaces, as process 1: never returns while the cluster lives. 1 when it cannot start."""
    try:
        _start(state, [Node(state, number) for number in range(1, count + 1)])
    except ClusterError as error:
        (state / "failed").write_text(str(error))
        return 1
    while True:  # process 1 is the parent of all that lost theirs
        with contextlib.suppress(ChildProcessError):
            os.wait()


def run_node_inside(state: Path, number: int, count: int) -> int:
    """In namespaces of the node's own: never returns while the node lives."""
    nodes = [Node(state, one) for one in range(1, count + 1)]
    node = nodes.pop(number - 1)
    built = binaries()
    try:
        run_node(node, nodes, built, packages(built.folder, print))
    except ClusterError as error:
        print(error, file=sys.stderr, flush=True)
    return 1


def _start(state: Path, nodes: list[Node]) -> None:
    run(["hostname", "control-plane"])
    for words in (
        "link set lo up",
        "link add nodes type bridge",
        f"addr add {HOST_ADDRESS}/24 dev nodes",
        "link set nodes up",
    ):
        run(["ip", *words.split()])
    for node in nodes:
        run(["ip", "route", "add", node.pods, "via", node.address])
    plane = start_control_plane(binaries(), state, Listening(HOST_ADDRESS, API_PORT, ETCD_PORT, PEERS_PORT))
    _certify(plane, nodes)
    add_dns(plane)
    add_storage(plane, nodes)
    started = [_start_node(node, len(nodes)) for node in nodes]
    end = time.monotonic() + _PATIENCE
    while True:
        ready = plane.kubectl(
            "get", "nodes", "-o", 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}'
        )
        if ready.split() == ["True"] * len(nodes):
            ready_file(state).touch()
            return
        if (
            any(process.poll() is not None for process in [*plane.processes, *started])
            or time.monotonic() > end
        ):
            logs = [node.folder / name for node in nodes for name in ("node.log", "kubelet.log")]
            said = "; ".join(last_words(log, lines=1) for log in [*logs, state / "logs/dns.log"])
            raise ClusterError(f"the nodes do not get ready: {said}")
        time.sleep(0.3)


def _certify(plane: ControlPlane, nodes: list[Node]) -> None:
    authority = plane.authority
    authority.issue("proxy", "system:kube-proxy")
    for node in nodes:
        authority.issue(
            node.name, f"system:node:{node.name}", "system:nodes", hosts=(node.name, node.address)
        )
    for name in ("proxy", *(node.name for node in nodes)):
        authority.kubeconfig(name, f"https://{HOST_ADDRESS}:{API_PORT}")


def _start_node(node: Node, count: int) -> subprocess.Popen[bytes]:
    """A process in a network and a mount namespace of its own, with a link into the cluster's bridge."""
    own = [
        sys.executable,
        "-m",
        "newsreel_deploy",
        "cluster",
        "node",
        str(node.state),
        str(node.number),
        str(count),
    ]
    process = start(["unshare", "--net", "--mount", "--uts", *own], node.folder / "node.log", nice=False)
    while _network(process.pid) == _network(os.getpid()):
        if process.poll() is not None:
            raise ClusterError(f"{node.name} has no namespaces: see {node.folder / 'node.log'}")
        time.sleep(0.02)
    link = f"to-{node.name}"
    (node.folder / "pid").write_text(str(process.pid))
    run(["ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", str(process.pid)])
    run(["ip", "link", "set", link, "master", "nodes", "up"])
    return process


def _network(pid: int) -> str:
    return str(Path(f"/proc/{pid}/ns/net").readlink())
