"""`python -m newsreel_deploy <command>`: what the Makefile calls. Imports only what the command needs."""

import argparse
import sys
from importlib import import_module

# packages below this one, each with a `command` module that registers its commands
PARTS = ("images", "compose", "manifests", "cluster", "journeys", "rollouts")


def main() -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m newsreel_deploy", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for part in PARTS:
        import_module(f"newsreel_deploy.{part}.command").register(commands)
    arguments = parser.parse_args()
    code: int = arguments.run(arguments)
    return code


if __name__ == "__main__":
    sys.exit(main())
