"""A real cluster of two nodes: a rolling update and a drain under load; nothing is left of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from newsreel_deploy.cluster.binaries import SOURCES, binaries
from newsreel_deploy.cluster.image_archive import write_image
from newsreel_deploy.cluster.machine import why_not_quickly
from newsreel_deploy.cluster.two_nodes import Cluster, two_nodes

_NAME = "sample.sample.svc.cluster.local"
_SUPPORT = Path(__file__).parents[1] / "support"


def ask(cluster: Cluster) -> subprocess.Popen[str]:
    """Requests to the sample service, by its name, from the first node; `told` ends them."""
    words = [sys.executable, "-m", "newsreel_testing.requests_until_told", f"http://{_NAME}/"]
    return subprocess.Popen(
        cluster.on_node(cluster.nodes[0], "env", f"PYTHONPATH={_SUPPORT}", *words),
        stdout=subprocess.PIPE,
        text=True,
    )


def told(asking: subprocess.Popen[str]) -> tuple[dict[str, int], list[str]]:
    """End the requests: answers by version, and failures."""
    asking.terminate()
    printed, _ = asking.communicate(timeout=30)
    found = json.loads(printed)
    return found["answers"], found["failures"]


def nodes_of_the_pods(cluster: Cluster) -> list[str]:
    words = (
        "get",
        "pods",
        "--field-selector=status.phase=Running",
        "-o",
        "jsonpath={.items[*].spec.nodeName}",
    )
    return cluster.kubectl("-n", "sample", *words).split()


def left(state: Path) -> list[str]:
    """Processes, cgroups and files of a cluster."""
    commands = [path.read_bytes() for path in Path("/proc").glob("[0-9]*/cmdline") if path.exists()]
    running = [words.decode().replace("\0", " ") for words in commands if str(state).encode() in words]
    groups = [str(path) for path in Path("/sys/fs/cgroup").rglob(f"newsreel-{state.name}*")]
    return running + groups + ([str(state)] if state.exists() else [])


def test_a_rolling_update_and_a_drain_fail_no_request(tmp_path: Path) -> None:
    reason = why_not_quickly(nodes=True)
    if reason:
        pytest.skip(reason)
    image = tmp_path / "sample.tar"
    write_image(image, "newsreel.example/sample:1", binaries().sample)
    state = tmp_path / f"state-{os.getpid()}"
    with two_nodes(state, print, [image]) as cluster:
        sample = ("-n", "sample")
        cluster.kubectl("apply", "--server-side", "-f", str(SOURCES / "sample/sample.yaml"))
        cluster.kubectl(*sample, "rollout", "status", "deployment/sample", "--timeout=120s")
        assert sorted(nodes_of_the_pods(cluster)) == ["node1", "node2"]

        asking = ask(cluster)
        cluster.kubectl(*sample, "set", "env", "deployment/sample", "VERSION=2")
        cluster.kubectl(*sample, "rollout", "status", "deployment/sample", "--timeout=120s")
        cluster.kubectl("drain", "node2", "--ignore-daemonsets", "--timeout=120s")
        answers, failures = told(asking)
        assert failures == []
        assert answers.keys() == {"1", "2"}
        assert set(nodes_of_the_pods(cluster)) == {"node1"}
        assert left(state)
    assert left(state) == []
