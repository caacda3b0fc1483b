"""`manifests generate | render | validate`."""

import argparse
import sys
from typing import Any

from newsreel_local.paths import CHECKOUT

_OVERLAYS = CHECKOUT / "deploy" / "k8s" / "overlays"


def register(subparsers: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `manifests` and its commands."""
    parser = subparsers.add_parser("manifests", help="deploy/k8s: generate, render, validate")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    generate = commands.add_parser("generate", help="what follows from the topics table and the flow table")
    generate.add_argument("--check", action="store_true", help="write nothing; 1 when a file differs")
    generate.set_defaults(run=_generate)
    render = commands.add_parser("render", help="one overlay as kubectl would apply it")
    render.add_argument("overlay", choices=sorted(path.name for path in _OVERLAYS.iterdir()))
    render.set_defaults(run=_render)
    validate = commands.add_parser(
        "validate", help="every overlay by every rule, and a mistake for each rule"
    )
    validate.set_defaults(run=_validate)


def _generate(arguments: argparse.Namespace) -> int:
    from newsreel_deploy.manifests.generated import generated

    differs = 0
    for path, text in generated().items():
        if not path.exists() or path.read_text() != text:
            differs += 1
            print(f"{path.relative_to(CHECKOUT)} {'differs' if arguments.check else 'written'}")
            if not arguments.check:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
    if differs and arguments.check:
        print("run `python -m newsreel_deploy manifests generate`", file=sys.stderr)
    return 1 if differs and arguments.check else 0


def _render(arguments: argparse.Namespace) -> int:
    return _told(lambda: print(_rendered(arguments.overlay), end=""))


def _rendered(overlay: str) -> str:
    from newsreel_deploy.manifests.rendered import render

    return render(_OVERLAYS / overlay)


def _validate(_: argparse.Namespace) -> int:
    from newsreel_deploy.manifests.validation import validate

    return validate()


def _told(work: Any) -> int:
    from newsreel_deploy.manifests.rendered import RenderError

    try:
        work()
    except RenderError as error:
        print(f"manifests: {error}", file=sys.stderr)
        return 1
    return 0
