"""`make k8s-test`: the `dev` overlay on a real cluster, the demo in it, the steps under steady journeys."""

import argparse
import asyncio
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from newsreel_deploy.cluster.binaries import binaries, build
from newsreel_deploy.cluster.errors import ClusterError
from newsreel_deploy.cluster.machine import why_no_nodes
from newsreel_deploy.cluster.node_files import Node
from newsreel_deploy.cluster.packages import packages
from newsreel_deploy.cluster.two_nodes import Cluster, two_nodes
from newsreel_deploy.rollouts import engine, installation
from newsreel_deploy.rollouts.deployed import Deployed
from newsreel_deploy.rollouts.objects import adapt, as_text, render
from newsreel_deploy.rollouts.steps import STEPS
from newsreel_deploy.rollouts.trial import try_steps

_RATE = 1.0


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `k8s-test` and what it runs inside of the cluster."""
    parser = subparsers.add_parser("k8s-test", help="roll, drain and kill it under load", description=__doc__)
    parser.add_argument("--rate", type=float, default=_RATE, help="people a second (default: %(default)s)")
    parser.add_argument("--only", type=int, action="append", help="number of a step; may be repeated")
    parser.set_defaults(run=_run)
    inside = subparsers.add_parser("k8s-trial")
    inside.add_argument("state", type=Path)
    inside.add_argument("--rate", type=float, default=_RATE)
    inside.add_argument("--only", type=int, action="append")
    inside.set_defaults(run=_inside)


def _say(text: str) -> None:
    print(text, flush=True)


def _run(given: argparse.Namespace) -> int:
    reason = why_no_nodes() or engine.why_not()
    if reason is not None:
        print(f"k8s-test: this machine cannot run it: {reason}", file=sys.stderr)
        return 1
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        return _try(given)
    except ClusterError as error:
        print(f"k8s-test: {error}", file=sys.stderr)
        return 1


def _try(given: argparse.Namespace) -> int:
    built = build(_say)
    with tempfile.TemporaryDirectory(prefix="newsreel-k8s-test-") as folder:
        objects = adapt(render(built, installation.overlay(Path(folder) / "deploy")))
        archive = Path(folder) / "images.tar"
        installation.save_images(objects, archive, _say)
        state = Path(folder) / f"state-{Path(folder).name[-8:]}"
        with two_nodes(state, _say, [archive]) as cluster:
            (state / "objects.yaml").write_text(as_text(objects))
            installation.install(cluster, objects, _say)
            own = [sys.executable, "-m", "newsreel_deploy", "k8s-trial", str(state)]
            own += ["--rate", str(given.rate), *(f"--only={number}" for number in given.only or ())]
            words = cluster.on_node(cluster.nodes[0], *own, processes=True)
            return subprocess.run(words, check=False).returncode  # noqa: S603 (words of ours)


def _inside(given: argparse.Namespace) -> int:
    import yaml

    built = binaries()
    nodes = [Node(given.state, number) for number in (1, 2)]
    cluster = Cluster(built, packages(built.folder, _say), nodes, pid=1)
    objects = list(yaml.safe_load_all((given.state / "objects.yaml").read_text()))
    here = Deployed(cluster, objects, installation.services(objects), given.state / "images")
    portal, mailpit = installation.PORTAL, installation.MAILPIT
    demo = [sys.executable, "-m", "newsreel_local", "demo", "--portal", portal, "--mailpit", mailpit]
    if subprocess.run(demo, check=False).returncode != 0:  # noqa: S603 (words of ours)
        return 1
    steps = [STEPS[number] for number in given.only] if given.only else list(STEPS)
    return 0 if asyncio.run(try_steps(here, steps, portal, mailpit, given.rate)) else 1
