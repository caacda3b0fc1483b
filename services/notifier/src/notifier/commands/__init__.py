"""`newsreel newsletter …`: the commands of this service for operators."""

import argparse
from typing import TYPE_CHECKING

from newsreel_runtime import operators

if TYPE_CHECKING:
    from newsreel_runtime.operators import Groups

_EPILOG = """\
settings: NEWSREEL_POSTGRES_… and NEWSREEL_NOTIFIER_… as the notifier has them.
exit code: 0 done; 1 nothing is new, or nothing was done; 2 settings; 3 the database is out of reach."""


def register(subparsers: "Groups") -> None:
    group = subparsers.add_parser("newsletter", help="what the next issue says, what went out, an issue now")
    commands = group.add_subparsers(dest="command", required=True, metavar="COMMAND")
    preview = _parser(commands, "preview", "the issue that would go out now; nothing is sent")
    preview.add_argument("--language", choices=("en", "fr", "uk"), default="en")
    preview.add_argument("--html", action="store_true", help="the page instead of the text")
    status = _parser(commands, "status", "the latest issues, subscribers, and when the next one is due")
    status.add_argument("--follow", action="store_true", help="print progress until every mail has ended")
    status.add_argument("--json", action="store_true", help="one object, for programs")
    send = _parser(commands, "send", "an issue now, beside the schedule; nobody gets two on one day")
    send.add_argument("--yes", action="store_true", help="without it, say what would be sent")


def _parser(commands: "Groups", name: str, summary: str) -> argparse.ArgumentParser:
    parser = operators.add_command(commands, name, summary, _EPILOG)
    parser.set_defaults(run=_run)
    return parser


def _run(arguments: argparse.Namespace) -> int:
    import asyncio
    import sys

    from pydantic import ValidationError

    from newsreel_runtime.database import DATABASE_ERRORS
    from newsreel_runtime.settings import what_is_wrong
    from notifier.commands import newsletter
    from notifier.settings import NewsletterSettings

    try:
        settings = NewsletterSettings()
        if arguments.command == "preview":
            return asyncio.run(newsletter.preview(settings, arguments.language, html=arguments.html))
        if arguments.command == "send":
            return asyncio.run(newsletter.send(settings, yes=arguments.yes))
        return asyncio.run(newsletter.status(settings, follow=arguments.follow, as_json=arguments.json))
    except ValidationError as error:
        print(f"newsletter: {what_is_wrong(error)}", file=sys.stderr)
        return 2
    except (OSError, *DATABASE_ERRORS) as error:
        print(f"newsletter: the database is out of reach: {type(error).__name__}", file=sys.stderr)
        return 3
