"""`secrets` and `compose-test`."""

import argparse
import sys
from pathlib import Path

from newsreel_local.paths import CHECKOUT


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    secrets = subparsers.add_parser(
        "secrets", help="make the passwords and keys that docker-compose.yml mounts"
    )
    secrets.add_argument(
        "folder", type=Path, nargs="?", default=CHECKOUT / ".secrets", help="default: .secrets"
    )
    secrets.set_defaults(run=_secrets)
    trial = subparsers.add_parser(
        "compose-test",
        help="docker-compose.yml: the demo, kills, down and up; needs a Docker engine and images",
    )
    trial.add_argument("--short", action="store_true", help="kill one service only")
    trial.set_defaults(run=_compose_test)


def _secrets(arguments: argparse.Namespace) -> int:
    from newsreel_deploy.compose.secrets import write_secrets
    from newsreel_local.process import StartError

    try:
        written = write_secrets(arguments.folder)
    except (OSError, StartError) as error:
        print(f"secrets: {error}", file=sys.stderr)
        return 1
    print(
        f"{len(written)} files made in {arguments.folder}" if written else f"{arguments.folder} has them all"
    )
    return 0


def _compose_test(arguments: argparse.Namespace) -> int:
    import asyncio
    import tempfile

    from newsreel_deploy.compose.project import ComposeError, Project
    from newsreel_deploy.compose.secrets import write_secrets
    from newsreel_deploy.compose.trial import KILLED, try_compose
    from newsreel_local.demo import DemoError
    from newsreel_local.ports import free_ports
    from newsreel_local.visitor import PageError

    with tempfile.TemporaryDirectory(prefix="newsreel-compose-") as folder:
        secrets = Path(folder) / "secrets"
        write_secrets(secrets)
        port, mail_port = free_ports(2)
        project = Project(f"newsreel-test-{port}", secrets, port, mail_port)
        try:
            asyncio.run(try_compose(project, ("notifier",) if arguments.short else KILLED))
        except (ComposeError, DemoError, PageError, OSError) as error:
            print(f"compose-test: {type(error).__name__}: {error}", file=sys.stderr)
            return 1
    return 0
