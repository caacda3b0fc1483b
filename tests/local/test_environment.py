"""The variables that the local stack gives a service are settings that the service knows."""

from importlib import import_module
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

from newsreel_local.environment import SERVICES, Layout
from newsreel_local.paths import LocalDir
from newsreel_local.ports import Ports
from newsreel_local.secrets_file import DATABASE_OWNERS, load_or_make

# Read by the runtime itself, not by a service's settings class.
RUNTIME_OWN = {"NEWSREEL_ENVIRONMENT", "NEWSREEL_OTLP_ENDPOINT"}


def known(settings: type[BaseSettings]) -> set[str]:
    """The variables that a settings class and the groups embedded in it read."""
    names = set()
    for name, field in settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings):
            names |= known(field.annotation)
        else:
            alias = field.validation_alias
            prefix = settings.model_config.get("env_prefix", "")
            names.add(alias if isinstance(alias, str) else f"{prefix}{name}".upper())
    return names


@pytest.mark.parametrize("service", SERVICES)
def test_each_variable_is_a_setting_of_the_service(
    service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layout = Layout(LocalDir(tmp_path), Ports(8400), load_or_make(tmp_path / "secrets.json"))
    variables = layout.settings(service)
    module = import_module(f"{service}.settings")
    classes = [
        var for var in vars(module).values() if isinstance(var, type) and var.__module__ == module.__name__
    ]
    assert set(variables) - set[str]().union(*map(known, classes)) <= RUNTIME_OWN
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    for settings in classes:
        settings()


def test_the_bus_is_changed_by_its_administrator_alone(tmp_path: Path) -> None:
    layout = Layout(LocalDir(tmp_path), Ports(8400), load_or_make(tmp_path / "secrets.json"))
    users = {service: layout.process(service)["NEWSREEL_KAFKA_USER"] for service in DATABASE_OWNERS}
    assert users == {service: service for service in DATABASE_OWNERS}
    assert layout.administrator()["NEWSREEL_KAFKA_USER"] == "admin"


def test_a_bucket_of_yours_is_told_to_whoever_reads_or_fills_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = {
        "NEWSREEL_BUCKET_NAME": "media",
        "NEWSREEL_BUCKET_ENDPOINT": "http://127.0.0.1:9",
        "NEWSREEL_BUCKET_ACCESS_KEY": "key",
        "NEWSREEL_BUCKET_SECRET": "secret",
    }
    for name, text in bucket.items():
        monkeypatch.setenv(name, text)
    layout = Layout(LocalDir(tmp_path), Ports(8400), load_or_make(tmp_path / "secrets.json"))
    told = {service for service in SERVICES if bucket.items() <= layout.settings(service).items()}
    assert told == {"catalog", "delivery"}
    assert layout.edge()["NEWSREEL_EDGE_BUCKET"] == "http://127.0.0.1:9"
    assert not {
        name for service in SERVICES if service not in told for name in layout.settings(service)
    } & set(bucket)
