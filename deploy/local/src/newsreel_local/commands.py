"""`python -m newsreel_local <command>`: what the Makefile calls. Imports only what the command needs."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from newsreel_local.secrets_file import DATABASE_OWNERS


def _up(_: argparse.Namespace) -> int:
    from newsreel_local.up import main

    return main()


def _down(_: argparse.Namespace) -> int:
    from newsreel_local.down import down
    from newsreel_local.paths import LocalDir

    return down(LocalDir.of_environment())


def _reset(_: argparse.Namespace) -> int:
    from newsreel_local.down import reset
    from newsreel_local.paths import LocalDir

    return reset(LocalDir.of_environment())


def _codes(arguments: argparse.Namespace) -> int:
    from newsreel_local.recorded import codes

    return codes(arguments.to)


def _trace(arguments: argparse.Namespace) -> int:
    from newsreel_local.recorded import trace

    return trace(arguments.id)


def _demo(arguments: argparse.Namespace) -> int:
    from newsreel_local.demo_command import main

    return main(arguments.portal, arguments.mailpit, arguments.language)


def _demo_resume(_: argparse.Namespace) -> int:
    from newsreel_local.demo_resume import main

    return main()


def _newsreel(arguments: argparse.Namespace) -> int:
    from newsreel_local.operator_command import newsreel

    return newsreel(arguments.service, arguments.words)


def _mailbox(arguments: argparse.Namespace) -> int:
    from newsreel_local.mailbox.run import run

    asyncio.run(run(arguments.folder, arguments.smtp_port, arguments.port))
    return 0


def _traces(arguments: argparse.Namespace) -> int:
    from newsreel_local.traces.run import run

    asyncio.run(run(arguments.folder, arguments.port))
    return 0


def _kafka_archive(_: argparse.Namespace) -> int:
    from newsreel_local.kafka_archive import make_archive

    async def until_asked() -> None:
        making = asyncio.create_task(make_archive())
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, making.cancel)
        print(await making)

    try:
        asyncio.run(until_asked())
    except asyncio.CancelledError:
        return 1
    return 0


def _sizes(arguments: argparse.Namespace) -> int:
    from newsreel_local.sizes import main

    return main(arguments.against)


def _lock(arguments: argparse.Namespace) -> int:
    from newsreel_local.lock_file import check, write

    return write() if arguments.write else check()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m newsreel_local", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, text in (
        ("up", _up, "run the whole system in the foreground"),
        ("down", _down, "stop the one that runs"),
        ("reset", _reset, "stop it and forget its data"),
        ("kafka-archive", _kafka_archive, "make Kafka's start-up archive"),
    ):
        commands.add_parser(name, help=text).set_defaults(run=run)
    demo = commands.add_parser("demo", help="a stranger's whole way, step by step")
    demo.add_argument("--portal", metavar="ORIGIN", help="of another deployment, with --mailpit")
    demo.add_argument("--mailpit", metavar="ORIGIN", help="where that deployment's mails can be read")
    demo.add_argument("--language", choices=("en", "fr", "uk"), default="en", help="of the mails")
    demo.set_defaults(run=_demo)
    resume = commands.add_parser("demo-resume", help="downloads of 300 MB, killed and resumed")
    resume.set_defaults(run=_demo_resume)
    sizes = commands.add_parser("sizes", help="the median and the largest Python file")
    sizes.add_argument("--against", metavar="COMMIT", help="lines by folder, before and after")
    sizes.set_defaults(run=_sizes)
    codes = commands.add_parser("codes", help="the codes in the newest mails")
    codes.add_argument("--to", help="only mails to this address")
    codes.set_defaults(run=_codes)
    trace = commands.add_parser("trace", help="the last flow as a tree")
    trace.add_argument("--id", help="this trace instead")
    trace.set_defaults(run=_trace)
    operating = commands.add_parser("newsreel", help="the operators' command, with a service's settings")
    operating.add_argument("service", choices=(*DATABASE_OWNERS, "bus"))
    operating.add_argument("words", nargs=argparse.REMAINDER, help="what follows `newsreel`")
    operating.set_defaults(run=_newsreel)
    lock = commands.add_parser("lock", help="whether requirements.lock fits the manifests")
    lock.add_argument("--write", action="store_true", help="make it fit")
    lock.set_defaults(run=_lock)
    mailbox = commands.add_parser("mailbox", help="the SMTP server and its inbox")
    mailbox.add_argument("folder", type=Path)
    mailbox.add_argument("smtp_port", type=int)
    mailbox.add_argument("port", type=int)
    mailbox.set_defaults(run=_mailbox)
    traces = commands.add_parser("traces", help="the OTLP receiver and its pages")
    traces.add_argument("folder", type=Path)
    traces.add_argument("port", type=int)
    traces.set_defaults(run=_traces)
    arguments = parser.parse_args()
    try:
        code: int = arguments.run(arguments)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    return code
