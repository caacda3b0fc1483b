"""A cluster of two nodes for as long as a block lasts; nothing of it is left afterwards."""

import contextlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from newsreel_deploy.cluster.binaries import Binaries, Say, build
from newsreel_deploy.cluster.errors import ClusterError
from newsreel_deploy.cluster.image_archive import write_image
from newsreel_deploy.cluster.inside import ready_file
from newsreel_deploy.cluster.node_files import PAUSE_IMAGE, Node
from newsreel_deploy.cluster.packages import Packages, packages
from newsreel_deploy.cluster.program import last_words, run, start, stop

_NAMESPACES = ("--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc")


@dataclass(frozen=True)
class Cluster:
    """One that runs."""

    binaries: Binaries
    packages: Packages
    nodes: list[Node]
    pid: int
    """Its first process, as this machine counts."""

    @property
    def state(self) -> Path:
        return self.nodes[0].state

    def kubectl_command(self, *arguments: str) -> list[str]:
        """The words that run kubectl as the cluster's administrator."""
        kubeconfig = self.state / "pki/admin.kubeconfig"
        program = [
            "nsenter",
            f"--net=/proc/{self.pid}/ns/net",
            "--",
            str(self.binaries.kubernetes),
            "kubectl",
        ]
        return [*program, "--kubeconfig", str(kubeconfig), *arguments]

    def kubectl(self, *arguments: str, text: str = "") -> str:
        """What kubectl prints; `text` is its input. Raises `ClusterError` with what it said."""
        return run(self.kubectl_command(*arguments), text=text)

    def on_node(self, node: Node, *words: str, processes: bool = False) -> list[str]:
        """The words that run a program in a node's network and mounts: there, Services and names answer.

        With `processes`, it also counts processes as the cluster does (`/proc` is the cluster's).
        """
        inner = int((node.folder / "pid").read_text())
        outer = _outer_pid(self.pid, inner)
        spaces = [f"--{kind}=/proc/{outer}/ns/{name}" for kind, name in (("net", "net"), ("mount", "mnt"))]
        own = [f"--pid=/proc/{outer}/ns/pid"] if processes else []
        return ["nsenter", *spaces, *own, "--", *words]

    def import_image(self, archive: Path) -> None:
        """Give an image archive to every node. Raises `ClusterError`."""
        for node in self.nodes:
            ctr = [
                "ctr",
                "--address",
                str(node.socket),
                "--namespace",
                "k8s.io",
                "images",
                "import",
                str(archive),
            ]
            run(self.on_node(node, *ctr), env=self.packages.environment())


@contextmanager
def two_nodes(state: Path, say: Say, images: Sequence[Path] = ()) -> Iterator[Cluster]:
    """A ready cluster; `state` is a folder for its files that is not there yet. Raises `ClusterError`."""
    cluster, process = _start(state, say, images)
    try:
        yield cluster
    finally:
        _end(state, process)


def _start(state: Path, say: Say, images: Sequence[Path]) -> tuple[Cluster, subprocess.Popen[bytes]]:
    built = build(say)
    found = packages(built.folder, say)
    if state.exists():
        raise ClusterError(f"{state} is there already: a cluster runs in it, or remove it")
    began = time.monotonic()
    write_image(state / "images/pause.tar", PAUSE_IMAGE, built.pause)
    for archive in images:
        (state / "images" / archive.name).symlink_to(archive.resolve())
    nodes = [Node(state, number) for number in (1, 2)]
    own = [sys.executable, "-m", "newsreel_deploy", "cluster", "inside", str(state), str(len(nodes))]
    process = start(["unshare", *_NAMESPACES, *own], state / "logs/cluster.log", nice=False)
    try:
        _await_ready(state, process)
    except BaseException:
        _end(state, process)
        raise
    say(f"two nodes ready in {time.monotonic() - began:.0f} s")
    return Cluster(built, found, nodes, _first_child(process.pid)), process


def _await_ready(state: Path, process: subprocess.Popen[bytes]) -> None:
    while not ready_file(state).exists():
        if process.poll() is not None:
            failed = state / "failed"
            why = failed.read_text() if failed.exists() else last_words(state / "logs/cluster.log")
            raise ClusterError(f"the cluster did not start: {why}")
        time.sleep(0.1)


def _end(state: Path, process: subprocess.Popen[bytes]) -> None:
    """The namespaces take processes, mounts, links and rules along; cgroups and files are left to us."""
    first = None if process.poll() is not None else _first_child(process.pid)
    stop([process])
    while first is not None and Path(f"/proc/{first}").exists():  # it is gone when its last process is
        time.sleep(0.05)
    groups = [group for group in Path("/sys/fs/cgroup").rglob(f"newsreel-{state.name}*") if group.is_dir()]
    for group in groups:
        for folder in sorted(group.rglob("*"), key=lambda path: len(path.parts), reverse=True):
            if folder.is_dir():
                _remove_cgroup(folder)
        _remove_cgroup(group)
    shutil.rmtree(state, ignore_errors=True)


def _remove_cgroup(folder: Path) -> None:
    """A cgroup goes once its last process is gone, which the kernel may still be busy with."""
    for _ in range(100):
        with contextlib.suppress(FileNotFoundError):
            try:
                folder.rmdir()
            except OSError:
                time.sleep(0.05)
                continue
        return


def _first_child(pid: int) -> int:
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


def _outer_pid(first: int, inner: int) -> int:
    """This machine's number of a process that the cluster (whose first process is `first`) calls `inner`."""
    namespace = Path(f"/proc/{first}/ns/pid").readlink()
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (entry / "ns/pid").readlink() == namespace:
                status = (entry / "status").read_text()
                line = next(line for line in status.splitlines() if line.startswith("NSpid:"))
                if int(line.split()[-1]) == inner:
                    return int(entry.name)
    raise ClusterError(f"the node's process {inner} is gone")
