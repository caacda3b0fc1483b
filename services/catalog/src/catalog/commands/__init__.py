"""`newsreel catalog …`: the commands of this service for operators."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.commands import editorial_group
from catalog.commands.history_name import add_name
from newsreel_runtime import operators

if TYPE_CHECKING:
    from catalog.settings import TranscriptSettings
    from newsreel_runtime.operators import Groups


def register(subparsers: "Groups") -> None:
    group = subparsers.add_parser("catalog", help="videos and transcripts")
    commands = group.add_subparsers(dest="command", required=True, metavar="COMMAND")
    videos = commands.add_parser("import", help="publish or revise videos from a folder")
    videos.add_argument(
        "folder",
        type=Path,
        metavar="FOLDER",
        help="a folder with a manifest.json, or a folder of such folders",
    )
    videos.add_argument(
        "--dry-run", action="store_true", help="check and say what would happen, write nothing"
    )
    videos.add_argument(
        "--replace", action="store_true", help="another video may take a reference that is in use"
    )
    videos.set_defaults(run=_import)
    add_name(videos)
    _register_transcripts(commands)
    editorial_group.register(commands)
    swept = commands.add_parser(
        "sweep", help="remove files that no video refers to, a day after that was seen"
    )
    swept.add_argument("--dry-run", action="store_true", help="say what would be removed, write nothing")
    swept.set_defaults(run=_sweep)
    search = commands.add_parser("search", help="the index of the search")
    below = search.add_subparsers(dest="below", required=True, metavar="COMMAND")
    rebuild = below.add_parser("rebuild", help="make it anew; the search goes on meanwhile")
    rebuild.set_defaults(run=_rebuild)


def _register_transcripts(commands: "Groups") -> None:
    group = commands.add_parser("transcript", help="one transcript of a published video")
    below = group.add_subparsers(dest="below", required=True, metavar="COMMAND")
    taken = below.add_parser("import", help="publish a transcript, or a corrected one, from a file")
    given = below.add_parser("export", help="print the published transcript")
    compared = below.add_parser("diff", help="hold a prepared text against the published transcript")
    for command in (taken, given, compared):
        command.add_argument("reference", metavar="REFERENCE", help="the video's house number")
        command.add_argument("language", choices=("en", "fr", "uk"), help="of the transcript")
    taken.add_argument("file", type=Path, metavar="FILE", help="its name ends in .vtt, .srt, .txt or .json")
    taken.add_argument("--speaker", metavar="NAME", help="who speaks where the file names nobody")
    taken.add_argument(
        "--captions", type=Path, metavar="FILE", help="timed .vtt or .srt of the same speech, for a .txt"
    )
    taken.add_argument(
        "--dry-run", action="store_true", help="check and say what would happen, write nothing"
    )
    taken.add_argument(
        "--despite-doubts", action="store_true", help="publish it although something may be read wrongly"
    )
    add_name(taken)
    taken.set_defaults(run=_import_transcript)
    given.add_argument("format", choices=("vtt", "srt", "txt", "json"), help="which format")
    given.set_defaults(run=_export_transcript)
    compared.add_argument("file", type=Path, metavar="PREPARED", help="the text as it was written before")
    compared.set_defaults(run=_diff_transcript)


def _import(arguments: argparse.Namespace) -> int:
    """0 when every video is in the catalog as its manifest says, else 1."""
    import asyncio
    import sys

    from pydantic import ValidationError

    from catalog.commands.import_videos import import_folder
    from catalog.commands.store_of_files import store_of
    from catalog.settings import MediaSettings
    from newsreel_runtime.settings import what_is_wrong
    from newsreel_runtime.telemetry import flush, set_up_traces

    try:
        settings = MediaSettings()
    except ValidationError as error:
        print(f"catalog import: {what_is_wrong(error)}", file=sys.stderr)
        return 1
    provider = set_up_traces("catalog", settings.telemetry)
    try:
        return asyncio.run(
            import_folder(
                settings.postgres,
                store_of(settings),
                arguments.folder,
                dry_run=arguments.dry_run,
                replace=arguments.replace,
                editor=operators.operator(arguments) or "import",
            )
        )
    finally:
        flush([provider])


def _sweep(arguments: argparse.Namespace) -> int:
    """0 when the store was swept, else 1."""
    import asyncio
    import sys

    from pydantic import ValidationError

    from catalog.commands.store_of_files import store_of
    from catalog.commands.sweep_media import sweep
    from catalog.settings import MediaSettings
    from newsreel_runtime.settings import what_is_wrong

    try:
        settings = MediaSettings()
    except ValidationError as error:
        print(f"catalog sweep: {what_is_wrong(error)}", file=sys.stderr)
        return 1
    return asyncio.run(sweep(settings.postgres, store_of(settings), dry_run=arguments.dry_run))


def _rebuild(_: argparse.Namespace) -> int:
    """0 when every video is indexed, else 1."""
    import asyncio
    import sys

    from pydantic import ValidationError

    from catalog.commands.rebuild_search import rebuild_search
    from catalog.settings import SearchSettings
    from newsreel_runtime.settings import what_is_wrong

    try:
        settings = SearchSettings()
    except ValidationError as error:
        print(f"catalog search rebuild: {what_is_wrong(error)}", file=sys.stderr)
        return 1
    return asyncio.run(rebuild_search(settings.postgres))


def _import_transcript(arguments: argparse.Namespace) -> int:
    """0 when the catalog has the file's transcript, else 1."""
    import asyncio

    from catalog.commands.import_transcript import TranscriptImport, import_transcript
    from newsreel_runtime.telemetry import flush, set_up_traces

    settings = _transcript_settings("catalog transcript import")
    if settings is None:
        return 1
    said = TranscriptImport(
        arguments.reference,
        arguments.language,
        arguments.file,
        opening=arguments.speaker,
        captions=arguments.captions,
        dry_run=arguments.dry_run,
        despite_doubts=arguments.despite_doubts,
        editor=operators.operator(arguments) or "import",
    )
    provider = set_up_traces("catalog", settings.telemetry)
    try:
        return asyncio.run(import_transcript(settings.postgres, said))
    finally:
        flush([provider])


def _export_transcript(arguments: argparse.Namespace) -> int:
    """0 when it was printed, else 1."""
    import asyncio

    from catalog.commands.export_transcript import export_transcript

    settings = _transcript_settings("catalog transcript export")
    if settings is None:
        return 1
    ending = None if arguments.format == "json" else arguments.format
    return asyncio.run(export_transcript(settings.postgres, arguments.reference, arguments.language, ending))


def _diff_transcript(arguments: argparse.Namespace) -> int:
    """0 when no word differs, 1 when some do, else 2."""
    import asyncio

    from catalog.commands.diff_transcript import diff_transcript

    settings = _transcript_settings("catalog transcript diff")
    if settings is None:
        return 2
    return asyncio.run(
        diff_transcript(settings.postgres, arguments.reference, arguments.language, arguments.file)
    )


def _transcript_settings(command: str) -> "TranscriptSettings | None":
    """None when something is missing, which is said."""
    import sys

    from pydantic import ValidationError

    from catalog.settings import TranscriptSettings
    from newsreel_runtime.settings import what_is_wrong

    try:
        return TranscriptSettings()
    except ValidationError as error:
        print(f"{command}: {what_is_wrong(error)}", file=sys.stderr)
        return None
