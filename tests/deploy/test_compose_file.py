"""docker-compose.yml held against its rules, and each rule against a mistake."""

import copy
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from newsreel_deploy.compose.secrets import write_secrets
from newsreel_deploy.manifests.setting_rules import LEFT_OUT
from newsreel_deploy.manifests.settings_table import SERVICES, variables
from newsreel_local.paths import CHECKOUT

File = dict[str, Any]
Rule = Callable[[File], Iterator[str]]
COMPOSE: File = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
_SECRETS = re.compile(r"^\$\{NEWSREEL_SECRETS:-[^}]*\}/(\w+):")


def hardened(file: File) -> Iterator[str]:
    for name, service in file["services"].items():
        if service.get("read_only") is not True:
            yield f"{name}: its root can be written"
        if service.get("cap_drop") != ["ALL"]:
            yield f"{name}: capabilities are left"
        if service.get("security_opt") != ["no-new-privileges:true"]:
            yield f"{name}: it may gain privileges"
        if "mem_limit" not in service:
            yield f"{name}: no memory limit"
        if "max-size" not in service.get("logging", {}).get("options", {}):
            yield f"{name}: its log grows for ever"


def pinned(file: File) -> Iterator[str]:
    for name, service in file["services"].items():
        _, _, tag = service["image"].rpartition(":")
        if tag in {"", "latest"} or "/" in tag:
            yield f"{name}: {service['image']} may be anything"


def loopback(file: File) -> Iterator[str]:
    for name, service in file["services"].items():
        for port in service.get("ports", ()):
            if not port.startswith("127.0.0.1:"):
                yield f"{name}: {port} is open to the network"


def mounted(file: File) -> Iterator[str]:
    for name, service in file["services"].items():
        for mount in service.get("volumes", ()):
            source = mount.split(":")[0]
            if source.startswith("./") and not (CHECKOUT / source).exists():
                yield f"{name}: {source} is not there"
            if not source.startswith((".", "$")) and source not in file["volumes"]:
                yield f"{name}: {source} is no volume"


def adopted(file: File) -> Iterator[str]:
    """`up --wait` calls it a failure when a one-shot ends for which nobody waits."""
    services = file["services"]
    waited = {
        needed
        for service in services.values()
        for needed, how in _needs(service).items()
        if how == "service_completed_successfully"
    }
    for name, service in services.items():
        if service.get("restart") == "no" and name not in waited:
            yield f"{name}: ends, and nobody waits for it"


def _needs(service: File) -> dict[str, str]:
    needed = service.get("depends_on", {})
    if isinstance(needed, list):
        return dict.fromkeys(needed, "service_started")
    return {name: how["condition"] for name, how in needed.items()}


def settings(file: File) -> Iterator[str]:
    """Each setting is known, and each is set, a secret, or left out with a reason."""
    for name in SERVICES:
        service = file["services"][name]
        known = set(variables(name))
        there = {key for key in service.get("environment", {}) if key.startswith("NEWSREEL_")}
        for unknown in sorted(there - known - {"NEWSREEL_SECRETS_DIR"}):
            yield f"{name}: {unknown} is no setting of it"
        secret = {key for key, variable in variables(name).items() if variable.secret}
        for missing in sorted(known - there - secret - LEFT_OUT.keys()):
            yield f"{name}: {missing} is neither set nor left out"


RULES: tuple[Rule, ...] = (hardened, pinned, loopback, mounted, adopted, settings)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_it_keeps_the_rule(rule: Rule) -> None:
    assert list(rule(COMPOSE)) == []


def _without(service: str, key: str) -> Callable[[File], None]:
    def change(file: File) -> None:
        file["services"][service].pop(key)

    return change


def _with(service: str, key: str, value: object) -> Callable[[File], None]:
    def change(file: File) -> None:
        file["services"][service][key] = value

    return change


def _variable(service: str, key: str, *, there: bool) -> Callable[[File], None]:
    def change(file: File) -> None:
        environment = file["services"][service]["environment"]
        environment.update({key: "x"}) if there else environment.pop(key)

    return change


@pytest.mark.parametrize(
    ("rule", "mistake", "complaint"),
    [
        (hardened, _without("edge", "read_only"), "edge: its root can be written"),
        (hardened, _with("kafka", "cap_drop", ["NET_RAW"]), "kafka: capabilities are left"),
        (hardened, _without("media", "security_opt"), "media: it may gain privileges"),
        (hardened, _without("jaeger", "mem_limit"), "jaeger: no memory limit"),
        (hardened, _without("portal", "logging"), "portal: its log grows for ever"),
        (pinned, _with("grafana", "image", "grafana/grafana"), "grafana: grafana/grafana may be anything"),
        (pinned, _with("edge", "image", "nginx:latest"), "edge: nginx:latest may be anything"),
        (loopback, _with("mailpit", "ports", ["8025:8025"]), "mailpit: 8025:8025 is open to the network"),
        (
            mounted,
            _with("edge", "volumes", ["./deploy/egde:/etc/newsreel"]),
            "edge: ./deploy/egde is not there",
        ),
        (mounted, _with("edge", "volumes", ["medai:/media"]), "edge: medai is no volume"),
        (adopted, _with("edge", "depends_on", ["portal"]), "samples: ends, and nobody waits for it"),
        (
            settings,
            _variable("portal", "NEWSREEL_PORTAL_ORIGN", there=True),
            "portal: NEWSREEL_PORTAL_ORIGN is no setting of it",
        ),
        (
            settings,
            _variable("identity", "NEWSREEL_IDENTITY_ISSUER", there=False),
            "identity: NEWSREEL_IDENTITY_ISSUER is neither set nor left out",
        ),
    ],
)
def test_a_mistake_is_seen(rule: Rule, mistake: Callable[[File], None], complaint: str) -> None:
    file = copy.deepcopy(COMPOSE)
    mistake(file)
    assert list(rule(file)) == [complaint]


def test_the_example_names_every_variable_with_its_default() -> None:
    asked = re.findall(r"\$\{(\w+):-([^}]*)\}", (CHECKOUT / "docker-compose.yml").read_text())
    told = re.findall(r"^(\w+)=(.*)$", (CHECKOUT / ".env.example").read_text(), re.MULTILINE)
    assert len(told) == len(dict(told))
    assert set(asked) == set(told)


def test_what_a_service_mounts_is_made(tmp_path: Path) -> None:
    made = {name.split("/")[0] for name in write_secrets(tmp_path)}
    mounts = [mount for service in COMPOSE["services"].values() for mount in service.get("volumes", ())]
    asked = {found[1] for mount in mounts if (found := _SECRETS.match(mount))}
    assert asked
    assert asked <= made


def test_the_collector_sends_to_services_of_the_profile() -> None:
    folder = CHECKOUT / "deploy/observability"
    collector = yaml.safe_load((folder / "collector.yaml").read_text())
    grafana = yaml.safe_load((folder / "datasources.yaml").read_text())
    addresses = [exporter["endpoint"] for exporter in collector["exporters"].values()]
    addresses += [source["url"] for source in grafana["datasources"]]
    hosts = {re.sub(r"^http://", "", address).split(":")[0] for address in addresses}
    of_profile = {name for name, service in COMPOSE["services"].items() if service.get("profiles") == ["obs"]}
    assert hosts <= of_profile
    for pipeline in collector["service"]["pipelines"].values():
        assert set(pipeline["exporters"]) <= collector["exporters"].keys()
        assert set(pipeline["receivers"]) <= collector["receivers"].keys()
        assert set(pipeline["processors"]) <= collector["processors"].keys()


def test_what_a_bucket_adds_fits_the_file_and_the_settings() -> None:
    added: File = yaml.safe_load((CHECKOUT / "deploy/compose/s3.yaml").read_text())
    assert (
        added["services"].keys() == {"edge", "delivery", "samples", "catalog"} <= COMPOSE["services"].keys()
    )
    for service in ("delivery", "catalog"):
        given = added["services"][service]["environment"]
        bucket = {name for name in variables(service) if name.startswith("NEWSREEL_BUCKET_")}
        assert bucket - given.keys() == {"NEWSREEL_BUCKET_SECRET"}
        assert given.keys() <= bucket
    assert added["services"]["samples"] == added["services"]["catalog"]
