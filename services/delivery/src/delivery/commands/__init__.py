"""`newsreel delivery …`: the commands of this service for operators."""

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from newsreel_runtime import operators

if TYPE_CHECKING:
    from collections.abc import Callable

    from newsreel_runtime.operators import Groups

_EPILOG = """\
settings: NEWSREEL_POSTGRES_… as delivery has them; none to verify a file.
exit code: 0 done; 1 something is wrong with it, or it is not known; 2 settings, or no such file;
3 the database is out of reach."""


def register(subparsers: "Groups") -> None:
    group = subparsers.add_parser("delivery", help="the audit of downloads, and recalls")
    commands = group.add_subparsers(dest="below", required=True, metavar="COMMAND")
    audit = commands.add_parser("audit", help="what happened to which grant, in a chain of hashes")
    _register_audit(audit.add_subparsers(dest="command", required=True, metavar="COMMAND"))
    recalls = commands.add_parser("recalls", help="files that were taken back: who took them, who was told")
    _register_recalls(recalls.add_subparsers(dest="command", required=True, metavar="COMMAND"))


def _register_audit(commands: "Groups") -> None:
    verify = _parser(commands, "verify", "name the first record that is wrong: changed, missing, inserted")
    verify.add_argument(
        "file", nargs="?", type=Path, metavar="FILE", help="an export instead of the database"
    )
    verify.add_argument(
        "--known",
        action="append",
        default=[],
        metavar="HASH",
        help="one noted before; it must be there",
    )
    verify.set_defaults(run=_verify)
    export = _parser(commands, "export", "the records as JSON lines; `verify FILE` needs no database")
    export.set_defaults(run=_export)
    for parser in (verify, export):
        parser.add_argument("--from", dest="first", type=date.fromisoformat, default=date.min, metavar="DAY")
        parser.add_argument("--to", dest="last", type=date.fromisoformat, default=date.max, metavar="DAY")
    named = _parser(commands, "pseudonym", "by which name the audit knows an account")
    named.add_argument("account", type=UUID, metavar="ACCOUNT", help="its id")
    named.set_defaults(run=_pseudonym)


def _register_recalls(commands: "Groups") -> None:
    _parser(commands, "list", "the latest recalls, and how far they are").set_defaults(run=_list_recalls)
    shown = _parser(commands, "show", "who took which file of a recall, when, and what became of the mail")
    shown.add_argument("recall", type=UUID, metavar="RECALL", help="its id, as `list` prints it")
    shown.set_defaults(run=_show_recall)
    for parser in (commands.choices["list"], shown):
        parser.add_argument("--json", action="store_true", help="one object a line, for programs")


def _parser(commands: "Groups", name: str, summary: str) -> argparse.ArgumentParser:
    return operators.add_command(commands, name, summary, _EPILOG)


def _verify(arguments: argparse.Namespace) -> int:
    import asyncio

    from delivery.commands import audit
    from newsreel_runtime.settings import Postgres

    if arguments.file is not None:
        return _run("audit verify", lambda: audit.verify_file(arguments.file, arguments.known))
    days = audit.Days(arguments.first, arguments.last)
    return _run("audit verify", lambda: asyncio.run(audit.verify(Postgres(), days, arguments.known)))


def _export(arguments: argparse.Namespace) -> int:
    import asyncio

    from delivery.commands import audit
    from newsreel_runtime.settings import Postgres

    days = audit.Days(arguments.first, arguments.last)
    return _run("audit export", lambda: asyncio.run(audit.export(Postgres(), days)))


def _pseudonym(arguments: argparse.Namespace) -> int:
    import asyncio

    from delivery.commands import audit
    from newsreel_runtime.settings import Postgres

    return _run("audit pseudonym", lambda: asyncio.run(audit.pseudonym(Postgres(), arguments.account)))


def _list_recalls(arguments: argparse.Namespace) -> int:
    import asyncio

    from delivery.commands import recalls
    from newsreel_runtime.settings import Postgres

    return _run("recalls list", lambda: asyncio.run(recalls.show_all(Postgres(), as_json=arguments.json)))


def _show_recall(arguments: argparse.Namespace) -> int:
    import asyncio

    from delivery.commands import recalls
    from newsreel_runtime.settings import Postgres

    return _run(
        "recalls show",
        lambda: asyncio.run(recalls.show(Postgres(), arguments.recall, as_json=arguments.json)),
    )


def _run(name: str, work: "Callable[[], int]") -> int:
    import os
    import sys

    from pydantic import ValidationError

    from delivery.commands.audit_file import AuditFileError
    from newsreel_runtime.database import DATABASE_ERRORS
    from newsreel_runtime.settings import what_is_wrong

    try:
        return work()
    except AuditFileError as error:
        print(error)
        return 1
    except ValidationError as error:
        print(f"delivery {name}: {what_is_wrong(error)}", file=sys.stderr)
        return 2
    except (FileNotFoundError, IsADirectoryError, PermissionError, UnicodeDecodeError) as error:
        print(f"delivery {name}: the file cannot be read: {type(error).__name__}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more at its end
        print(f"delivery {name}: nobody reads the output any more", file=sys.stderr)
        return 1
    except (OSError, *DATABASE_ERRORS) as error:
        print(f"delivery {name}: the database is out of reach: {type(error).__name__}", file=sys.stderr)
        return 3
