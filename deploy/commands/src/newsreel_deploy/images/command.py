"""`images`: build all of them twice, compare, measure, and write what is in them."""

import argparse
import asyncio
import sys

from newsreel_deploy.images.recipes import RECIPES


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `images`."""
    parser = subparsers.add_parser(
        "images", help="build the images, twice; sizes, start times", description=__doc__
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="only these; without start times")
    parser.add_argument("--version", default="dev", help="their tag (default: %(default)s)")
    parser.add_argument(
        "--once", action="store_true", help="build once, with the builder's cache; measure sizes only"
    )
    parser.set_defaults(run=_images)


def _images(arguments: argparse.Namespace) -> int:
    from newsreel_deploy.compose.project import ComposeError
    from newsreel_deploy.images.make import make_images
    from newsreel_deploy.images.materials import LockError

    known = [recipe.name for recipe in RECIPES]
    if unknown := sorted(set(arguments.names) - set(known)):
        print(f"images: no image {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    recipes = [recipe for recipe in RECIPES if not arguments.names or recipe.name in arguments.names]
    try:
        good = asyncio.run(make_images(recipes, arguments.version, twice=not arguments.once))
    except FileNotFoundError:
        print("images: no command `docker` here: install Docker with buildx", file=sys.stderr)
        return 1
    except (ComposeError, LockError, TimeoutError) as error:
        print(f"images: {error}", file=sys.stderr)
        return 1
    return 0 if good else 1
