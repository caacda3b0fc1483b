"""`newsreel keys …`: a key file taken through its rotation, a step at a time."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 (argparse names it in no other way)

_EPILOG = """\
FILE holds a setting that may have several keys: newsreel_identity_signing_key, newsreel_code_keys,
newsreel_unsubscribe_keys, newsreel_identity_lookup_key, newsreel_delivery_url_keys,
newsreel_portal_signing_key, newsreel_identity_pepper_keys. The order of a rotation is add, use, withdraw;
after each step bring the file to every service that reads it, and wait as the step says. Services read a
changed file by themselves (deploy/k8s/README.md). No key is printed. A key of newsreel_identity_pepper_keys
is withdrawn when no password is under it: the database is asked (NEWSREEL_POSTGRES_… as identity has them).
exit code: 0 done; 1 the file is not such a file, or this is not the step's time; it stays as it was."""
_STEPS = {
    "add": "a new key behind the others: it is known, and not used yet",
    "use": "the last key to the front: new things are made with it",
    "withdraw": "the last key out of the file: what it made does not count any more",
}


def register(subparsers: "Groups") -> None:
    group = subparsers.add_parser(
        "keys",
        help="add, use and withdraw keys in a file",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = group.add_subparsers(dest="step", required=True, metavar="STEP")
    for name, summary in _STEPS.items():
        step = commands.add_parser(name, help=summary, description=summary)
        step.add_argument("file", type=Path, metavar="FILE")
        step.set_defaults(run=_run, yes=False)
        if name == "withdraw":
            step.add_argument(
                "--yes", action="store_true", help="also a pepper's key that passwords are under"
            )


def _run(arguments: argparse.Namespace) -> int:
    import sys

    from identity.commands.key_file import KeyFileError, take_step
    from identity.commands.pepper import check_unused

    is_free = "pepper" not in arguments.file.name or arguments.yes
    try:
        print(take_step(arguments.file, arguments.step, None if is_free else check_unused))
    except (KeyFileError, OSError) as error:
        print(f"keys: {error}; nothing was changed", file=sys.stderr)
        return 1
    return 0
