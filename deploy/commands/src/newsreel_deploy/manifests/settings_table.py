"""The variables that each service reads, from its settings class."""

from importlib import import_module

from newsreel_runtime.doctor.variables import Variable, variables_of
from newsreel_runtime.settings import Telemetry

SERVICES = ("identity", "notifier", "catalog", "delivery", "portal")


def variables(service: str) -> dict[str, Variable]:
    """Each variable of `service`, of the groups of the runtime and of its telemetry too."""
    settings = import_module(f"{service}.settings")
    found = variables_of(settings.Settings) | variables_of(Telemetry)
    if hasattr(settings, "MediaSettings"):
        found |= variables_of(settings.MediaSettings)
    return found
