"""`newsreel accounts …`: operators look at accounts and act on them."""

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 (argparse names it in no other way)

_EPILOG = """\
WHO is an account's id or its mail address. settings: NEWSREEL_POSTGRES_… as identity has them.
exit code: 0 done; 1 nothing was changed, and why; 2 settings; 3 the database is out of reach."""
_ACTIONS = {
    "suspend": "it is signed out, and can neither sign in nor download until it is restored",
    "restore": "a suspended account may sign in again",
    "end-sessions": "sign it out everywhere",
    "set-role": "the roles that it has from now on, and no others; it is signed out everywhere",
    "delete": "delete it with all that hangs on it; it cannot be undone",
}


def register(subparsers: "Groups") -> None:
    group = subparsers.add_parser("accounts", help="look at an account, and change what it may do")
    commands = group.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _parser(commands, "show", "the account, and what operators did to it")
    for name, summary in _ACTIONS.items():
        parser = _parser(commands, name, summary)
        if name == "set-role":
            parser.add_argument("roles", metavar="ROLE", nargs="*", help="editor, press-office, operator")
        parser.add_argument(
            "--reason", required=True, help="kept with who did it, also when the account is gone"
        )
        parser.add_argument(
            "--as", dest="operator", metavar="NAME", help="who you are; else the system's user"
        )
        parser.add_argument("--yes", action="store_true", help="without it, you are asked")


def _parser(commands: "Groups", name: str, summary: str) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name,
        help=summary,
        description=summary,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("who", metavar="WHO")
    parser.set_defaults(run=_run)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    import asyncio
    import sys

    from pydantic import ValidationError

    from identity.commands import accounts
    from identity.domain.act import Act, ActRefusedError
    from newsreel_runtime.clock import now
    from newsreel_runtime.database import DATABASE_ERRORS
    from newsreel_runtime.settings import Postgres, what_is_wrong

    try:
        if arguments.command == "show":
            asyncio.run(accounts.show(Postgres(), arguments.who))
            return 0
        operator, roles = arguments.operator or _user(), tuple(getattr(arguments, "roles", ()))
        act = Act(arguments.command, operator, arguments.reason, now(), roles)
        asyncio.run(accounts.change(Postgres(), arguments.who, act, yes=arguments.yes))
    except ActRefusedError as error:
        print(f"accounts: {error}; nothing was changed", file=sys.stderr)
        return 1
    except ValidationError as error:
        print(f"accounts: {what_is_wrong(error)}", file=sys.stderr)
        return 2
    except (OSError, *DATABASE_ERRORS) as error:
        print(f"accounts: the database is out of reach: {type(error).__name__}", file=sys.stderr)
        return 3
    return 0


def _user() -> str:
    """Of this process; empty where its number has no name, as in a pod."""
    import os
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return ""
