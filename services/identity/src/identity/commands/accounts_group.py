"""`newsreel accounts …`: operators look at accounts and act on them."""

import argparse
from typing import TYPE_CHECKING

from identity.commands.act_arguments import add_note
from newsreel_runtime import operators

if TYPE_CHECKING:
    from newsreel_runtime.operators import Groups

_EPILOG = f"""\
WHO is an account's id or its mail address. settings: NEWSREEL_POSTGRES_… as identity has them.
{operators.EXIT_CODES}"""
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
        add_note(parser)


def _parser(commands: "Groups", name: str, summary: str) -> argparse.ArgumentParser:
    parser = operators.add_command(commands, name, summary, _EPILOG)
    parser.add_argument("who", metavar="WHO")
    parser.set_defaults(run=_run)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    from identity.commands import accounts
    from identity.domain.act import Act, ActRefusedError
    from newsreel_runtime.clock import now
    from newsreel_runtime.settings import Postgres

    async def work(settings: Postgres) -> None:
        if arguments.command == "show":
            await accounts.show(settings, arguments.who)
            return
        roles = tuple(getattr(arguments, "roles", ()))
        act = Act(arguments.command, operators.operator(arguments), arguments.reason, now(), roles)
        await accounts.change(settings, arguments.who, act, yes=arguments.yes)

    return operators.run("accounts", work, ActRefusedError)
