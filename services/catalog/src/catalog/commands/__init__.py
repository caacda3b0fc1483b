"""`newsreel catalog …`: the commands of this service for operators."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Groups = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 (argparse names it in no other way)


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
    search = commands.add_parser("search", help="the index of the search")
    below = search.add_subparsers(dest="below", required=True, metavar="COMMAND")
    rebuild = below.add_parser("rebuild", help="make it anew; the search goes on meanwhile")
    rebuild.set_defaults(run=_rebuild)


def _import(arguments: argparse.Namespace) -> int:
    """0 when every video is in the catalog as its manifest says, else 1."""
    import asyncio
    import sys

    from pydantic import ValidationError

    from catalog.commands.import_videos import import_folder
    from catalog.settings import ImportSettings
    from newsreel_runtime.settings import what_is_wrong
    from newsreel_runtime.telemetry import flush, set_up_traces

    try:
        settings = ImportSettings()
    except ValidationError as error:
        print(f"catalog import: {what_is_wrong(error)}", file=sys.stderr)
        return 1
    provider = set_up_traces("catalog", settings.telemetry)
    try:
        return asyncio.run(
            import_folder(
                settings.postgres,
                settings.media_root,
                arguments.folder,
                dry_run=arguments.dry_run,
                replace=arguments.replace,
            )
        )
    finally:
        flush([provider])


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
