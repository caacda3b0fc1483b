"""Which images there are, and what each is built with."""

from collections.abc import Mapping
from dataclasses import dataclass, field

BASE = "python:3.13-slim-trixie"
SERVICES = ("identity", "notifier", "catalog", "delivery", "portal")


@dataclass(frozen=True)
class Recipe:
    """`arguments` go to the Dockerfile; `{version}` in them is the version that is built."""

    name: str
    dockerfile: str
    arguments: Mapping[str, str] = field(default_factory=dict)


# The samples stand on the catalog's image: it comes first.
RECIPES = (
    *(Recipe(name, "deploy/service.Dockerfile", {"SERVICE": name}) for name in SERVICES),
    Recipe(
        "bus",
        "deploy/service.Dockerfile",
        {"SERVICE": "bus", "PACKAGE": "shared/bus", "MODULE": "newsreel_runtime.command"},
    ),
    Recipe("samples", "deploy/samples.Dockerfile", {"CATALOG_IMAGE": "newsreel/catalog:{version}"}),
)
