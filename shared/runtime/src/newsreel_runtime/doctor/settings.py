"""Settings: what is missing or wrong, and what is misspelt. No value is shown."""

import os
from collections.abc import Iterator
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError

from newsreel_runtime.doctor.finding import Finding
from newsreel_runtime.doctor.variables import variables_of
from newsreel_runtime.settings import SettingsGroup, Telemetry

_ALIKE = 0.85  # of two names, as difflib counts


def read(kind: type[SettingsGroup]) -> tuple[SettingsGroup | None, list[Finding]]:
    """The settings when they are valid, and what is wrong with them; a misspelt name harms nothing yet."""
    known = set(variables_of(kind)) | set(variables_of(Telemetry))
    misspelt = [
        Finding("settings", f"{given} is no setting", f"{meant} is meant?")
        for given, meant in _misspelt(known)
    ]
    try:
        settings = kind()
    except ValidationError as error:
        wrong = [
            Finding("settings", str(found["loc"][0]), str(found["msg"]))
            for found in error.errors(include_input=False)
        ]
        return None, [*wrong, *misspelt]
    return settings, misspelt or [
        Finding("settings", f"{len(known)} variables, all that are needed are there")
    ]


def _misspelt(known: set[str]) -> Iterator[tuple[str, str]]:
    """Names that are given and near to one that is not: a cluster gives all services the variables of all."""
    folder = os.environ.get("NEWSREEL_SECRETS_DIR")
    files = [file.name.upper() for file in Path(folder).iterdir()] if folder and Path(folder).is_dir() else []
    given = {name.removesuffix("_FILE") for name in (*os.environ, *files) if name.startswith("NEWSREEL_")}
    for name in sorted(given - known):
        if near := get_close_matches(name, known - given, 1, _ALIKE):
            yield name, near[0]
