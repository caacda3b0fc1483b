"""`newsreel clients …`: operators let other teams' programs in, and shut them out."""

import argparse
from typing import TYPE_CHECKING

from identity.commands.act_arguments import add_note
from newsreel_runtime import operators

if TYPE_CHECKING:
    from newsreel_runtime.operators import Groups

_EPILOG = f"""\
WHO is a client's name or its id. A secret is shown once, as the last line. settings: NEWSREEL_POSTGRES_…
as identity has them.
{operators.EXIT_CODES}"""


def register(subparsers: "Groups") -> None:
    group = subparsers.add_parser("clients", help="service accounts: programs with secrets and scopes")
    commands = group.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _parser(commands, "list", "the clients, their secrets' ends, and what operators did to them")
    create = _parser(commands, "create", "a client and its first secret")
    create.add_argument("who", metavar="NAME", help="small letters, digits and dashes; 64 at most")
    create.add_argument("scopes", metavar="SCOPE", nargs="+", help="what it may do: downloads")
    rotate = _parser(commands, "rotate", "a new secret; the one before lives 24 hours more")
    rotate.add_argument("--at-once", action="store_true", help="end the one before now, and its tokens")
    delete = _parser(commands, "delete", "delete it; its tokens end, and what it was granted")
    for parser in (rotate, delete):
        parser.add_argument("who", metavar="WHO")
    for parser in (create, rotate, delete):
        add_note(parser)


def _parser(commands: "Groups", name: str, summary: str) -> argparse.ArgumentParser:
    parser = operators.add_command(commands, name, summary, _EPILOG)
    parser.set_defaults(run=_run)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    from identity.commands import clients
    from identity.domain.act import ActRefusedError, Note
    from newsreel_runtime.clock import now
    from newsreel_runtime.settings import Postgres

    async def work(settings: Postgres) -> None:
        if arguments.command == "list":
            await clients.show_all(settings, now())
            return
        note = Note(operators.operator(arguments), arguments.reason, now())
        who, yes = arguments.who, arguments.yes
        if arguments.command == "create":
            await clients.create(settings, who, tuple(arguments.scopes), note, yes=yes)
        elif arguments.command == "rotate":
            await clients.rotate(settings, who, note, at_once=arguments.at_once, yes=yes)
        else:
            await clients.delete(settings, who, note, yes=yes)

    return operators.run("clients", work, ActRefusedError)
