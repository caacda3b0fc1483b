"""`newsreel catalog list|show|edit|withhold|release|withdraw`: editors look at videos and act on them."""

import argparse
from typing import TYPE_CHECKING

from catalog.commands.history_name import add_name
from newsreel_runtime import operators

if TYPE_CHECKING:
    from newsreel_runtime.operators import Groups

_EPILOG = f"""\
REFERENCE is the video's house number. settings: NEWSREEL_POSTGRES_… as the catalog has them.
{operators.EXIT_CODES}"""
_ACTIONS = {
    "withhold": "stop a published video for now: it is shown and given out nowhere until it is released",
    "release": "a withheld video is usable again",
    "withdraw": "take a video back for good; its reference never comes back",
}
_TEXTS = {
    "title": "titles",
    "headline": "headlines",
    "description": "descriptions",
    "restrictions": "restrictions",
    "keywords": "keywords",
}
_STATUSES = ("usable", "withheld", "withdrawn")
_REASONS = ("rights", "error", "safety", "legal", "other")


def register(commands: "Groups") -> None:
    listed = _parser(commands, "list", "videos whatever their status, the newest first")
    listed.add_argument("--status", choices=_STATUSES, help="only those")
    listed.add_argument("--limit", type=_limit, default=50, metavar="N", help="how many at most (50)")
    shown = _parser(commands, "show", "one video, and what was done to it by whom, when and why")
    shown.add_argument("reference", metavar="REFERENCE")
    for parser in (listed, shown):
        parser.add_argument("--json", action="store_true", help="for programs")
    _register_edit(_parser(commands, "edit", "other texts for a video: a revision"))
    for name, summary in _ACTIONS.items():
        _register_act(_parser(commands, name, summary), stops=name != "release", ends=name == "withdraw")


def _register_edit(parser: argparse.ArgumentParser) -> None:
    _register_note(parser)
    for option, name in _TEXTS.items():
        kind = "A;B;C" if option == "keywords" else "TEXT"
        parser.add_argument(
            f"--{option}",
            dest=name,
            action="append",
            default=[],
            metavar=f"LANGUAGE={kind}",
            help="once for each language; without a text it is said in that one no more",
        )
    parser.add_argument("--location", metavar="TEXT")
    parser.add_argument("--credit-line", metavar="TEXT")


def _register_note(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("reference", metavar="REFERENCE")
    parser.add_argument("--why", required=True, help="one line for the history; public nowhere")
    add_name(parser)


def _register_act(parser: argparse.ArgumentParser, *, stops: bool, ends: bool) -> None:
    _register_note(parser)
    if stops:
        parser.add_argument("--reason", required=True, choices=_REASONS, help="everybody is told it")
        parser.add_argument(
            "--note",
            action="append",
            default=[],
            metavar="LANGUAGE=TEXT",
            help="what everybody is told, as en=…; may be said once for each language",
        )
    if ends:
        parser.add_argument("--yes", action="store_true", help="without it, you are asked")


def _limit(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise argparse.ArgumentTypeError("a number from 1 to 10000")
    return int(text)


def _parser(commands: "Groups", name: str, summary: str) -> argparse.ArgumentParser:
    parser = operators.add_command(commands, name, summary, _EPILOG)
    parser.set_defaults(run=_run)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    from catalog.commands import editorial
    from catalog.errors import ImportRefusedError
    from newsreel_runtime.settings import Postgres

    async def work(settings: Postgres) -> None:
        if arguments.command == "list":
            await editorial.list_videos(settings, arguments.status, arguments.limit, as_json=arguments.json)
        elif arguments.command == "show":
            await editorial.show(settings, arguments.reference, as_json=arguments.json)
        elif arguments.command == "edit":
            texts = {name: getattr(arguments, name) for name in _TEXTS.values()}
            lines = {"location": arguments.location, "credit_line": arguments.credit_line}
            said = editorial.Said(operators.operator(arguments), {"why": arguments.why, **texts, **lines})
            await editorial.edit(settings, arguments.reference, said)
        elif arguments.command == "release":
            said = editorial.Said(operators.operator(arguments), {"why": arguments.why})
            await editorial.release(settings, arguments.reference, said)
        else:
            body = {"why": arguments.why, "reason": arguments.reason, "note": arguments.note}
            said = editorial.Said(operators.operator(arguments), body)
            ends = arguments.command == "withdraw"
            yes = not ends or arguments.yes
            await editorial.stop(settings, arguments.reference, said, ends=ends, yes=yes)

    return operators.run(f"catalog {arguments.command}", work, ImportRefusedError)
