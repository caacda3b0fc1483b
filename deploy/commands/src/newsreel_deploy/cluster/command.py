"""`python -m newsreel_deploy cluster …`: build it, run it until Ctrl-C, ask it."""

import argparse
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from newsreel_deploy.cluster.binaries import build
from newsreel_deploy.cluster.control_plane import control_plane
from newsreel_deploy.cluster.errors import ClusterError, MachineError
from newsreel_deploy.cluster.inside import run_inside, run_node_inside
from newsreel_deploy.cluster.machine import why_no_control_plane, why_no_nodes
from newsreel_deploy.cluster.packages import packages
from newsreel_deploy.cluster.two_nodes import two_nodes

_STATE = Path(tempfile.gettempdir()) / "newsreel-cluster"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `cluster` and its commands."""
    parser = subparsers.add_parser("cluster", help="a real Kubernetes on this machine", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "build", _build, "build the programs (seven minutes, once for each version)")
    _add(commands, "control-plane", _control_plane, "run a control plane without nodes until Ctrl-C")
    up = _add(commands, "up", _up, "run two nodes until Ctrl-C")
    up.add_argument("--state", type=Path, default=_STATE, help="folder for its files (default: %(default)s)")
    up.add_argument(
        "--image", type=Path, action="append", default=[], help="an archive that `docker save` made"
    )
    inside = _add(commands, "inside", lambda given: run_inside(given.state, given.nodes), argparse.SUPPRESS)
    inside.add_argument("state", type=Path)
    inside.add_argument("nodes", type=int)
    node = _add(
        commands,
        "node",
        lambda given: run_node_inside(given.state, given.number, given.nodes),
        argparse.SUPPRESS,
    )
    node.add_argument("state", type=Path)
    node.add_argument("number", type=int)
    node.add_argument("nodes", type=int)


def _add(commands: Any, name: str, run: Any, text: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=text)
    parser.set_defaults(run=lambda given: _told(run, given))
    return parser


def _told(run: Any, given: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        code: int = run(given)
    except ClusterError as error:
        print(f"cluster: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _say(text: str) -> None:
    print(text, flush=True)


def _build(_: argparse.Namespace) -> int:
    built = build(_say)
    reason = why_no_nodes()
    if reason is None:
        packages(built.folder, _say)
    _say(f"the programs are in {built.folder}")
    _say(f"nodes cannot run here: {reason}" if reason else "nodes can run here")
    return 0


def _control_plane(_: argparse.Namespace) -> int:
    _refuse(why_no_control_plane())
    built = build(_say)
    with control_plane() as running:
        _say(f"ready: {built.kubernetes} kubectl --kubeconfig {running.kubeconfig} …")
        _until_told()
    return 0


def _up(given: argparse.Namespace) -> int:
    _refuse(why_no_nodes())
    with two_nodes(given.state.resolve(), _say, given.image) as cluster:
        _say(f"kubectl: {' '.join(cluster.kubectl_command('…'))}")
        _until_told()
    return 0


def _refuse(reason: str | None) -> None:
    if reason is not None:
        raise MachineError(f"this machine cannot run it: {reason}")


def _until_told() -> None:
    """Until Ctrl-C or SIGTERM, as `KeyboardInterrupt`."""
    while True:
        signal.pause()
