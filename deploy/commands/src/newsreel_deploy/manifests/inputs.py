"""What an operator gives a deployment: its secrets, as files of a folder for each service."""

from newsreel_deploy.manifests.flows import DATABASE_OWNERS
from newsreel_deploy.manifests.settings_table import SERVICES, variables


def _secrets() -> dict[str, set[str]]:
    found = {f"{service}-secrets": _files(service) for service in SERVICES}
    found["bus-secrets"] = {"newsreel_kafka_password"}
    return found | {f"{service}-postgres": {"username", "password"} for service in DATABASE_OWNERS}


def _files(service: str) -> set[str]:
    return {name.lower() for name, variable in variables(service).items() if variable.secret}


# The Secrets that the base expects, and the keys that they may have.
SECRETS = _secrets()
