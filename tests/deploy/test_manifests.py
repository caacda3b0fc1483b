"""deploy/k8s: every overlay keeps every rule, and every rule sees the mistakes that it is there for."""

import copy
import shutil
from functools import cache
from typing import Any

import pytest
import yaml

from newsreel_deploy.cluster.control_plane import ControlPlane
from newsreel_deploy.manifests import scaling_rules, server
from newsreel_deploy.manifests.flows import flows
from newsreel_deploy.manifests.generated import generated
from newsreel_deploy.manifests.mistakes import MISTAKES, Mistake
from newsreel_deploy.manifests.rendered import Object
from newsreel_deploy.manifests.rules import RULES
from newsreel_deploy.manifests.server_mistakes import SERVER_MISTAKES, spoiled
from newsreel_deploy.manifests.setting_rules import LEFT_OUT
from newsreel_deploy.manifests.settings_table import SERVICES, variables
from newsreel_deploy.manifests.validation import OVERLAYS, PAIRS, caught, findings, objects_of, objects_with
from newsreel_local.paths import CHECKOUT


@cache
def rendered(overlay: str) -> list[Object]:
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not here")
    return objects_of(overlay)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_keeps_every_rule(overlay: str) -> None:
    assert list(findings(rendered(overlay))) == []


@pytest.mark.parametrize("pair", PAIRS, ids=" + ".join)
def test_components_go_together(pair: tuple[str, ...]) -> None:
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not here")
    assert list(findings(objects_with(pair))) == []


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: f"{mistake.rule}: {mistake.what}")
def test_a_planted_mistake_is_seen(mistake: Mistake) -> None:
    assert caught(mistake, rendered("prod-reference")) != []


def test_every_rule_has_a_mistake() -> None:
    assert {mistake.rule for mistake in MISTAKES} == RULES.keys()


def test_every_component_is_in_a_pair() -> None:
    there = {path.name for path in (CHECKOUT / "deploy/k8s/components").iterdir()}
    assert there == {name for pair in PAIRS for name in pair}


def test_what_is_generated_is_as_the_tables_say() -> None:
    differing = [str(path) for path, text in generated().items() if path.read_text() != text]
    assert differing == [], "run `python -m newsreel_deploy manifests generate`"


def test_a_topic_that_was_changed_by_hand_is_seen() -> None:
    path, text = next((path, text) for path, text in generated().items() if path.name == "topics.yaml")
    objects = list(yaml.safe_load_all(path.read_text()))
    assert list(scaling_rules.topics(objects)) == []
    objects[0]["spec"]["partitions"] = 3
    assert list(scaling_rules.topics(objects)) == [
        "KafkaTopic identity.account.v1: is not as the topics table says"
    ]
    assert yaml.safe_dump_all(objects) != text


def test_whoever_serves_is_in_the_flow_table() -> None:
    workloads = {
        found["metadata"]["name"] for found in rendered("prod-byo") if found["kind"] in {"Deployment", "Job"}
    }
    assert {flow.source for flow in flows()} - {"samples"} == workloads


def compose_problems(compose: dict[str, Any]) -> list[str]:
    """Settings of docker-compose.yml that no service has, or that a service lacks."""
    problems = []
    for service in SERVICES:
        table = variables(service)
        there = set(compose["services"][service]["environment"]) | {"NEWSREEL_HTTP_PORT"}
        files = {name.lower() for name, variable in table.items() if variable.secret}
        problems += [f"{service}: {name} is a secret" for name in there if name.lower() in files]
        own = {name for name in there if name != "NEWSREEL_SECRETS_DIR"}
        problems += [f"{service} has no setting {name}" for name in own - table.keys()]
        for name, variable in table.items():
            if (
                name not in there
                and name.lower() not in files
                and (variable.required or name not in LEFT_OUT)
            ):
                problems.append(f"{service}: {name} is not set")
    return sorted(problems)


@cache
def compose() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((CHECKOUT / "docker-compose.yml").read_text())
    return read


def test_compose_sets_what_every_service_needs_and_nothing_else() -> None:
    assert compose_problems(compose()) == []


def test_a_setting_that_compose_forgets_or_misspells_is_seen() -> None:
    spoiled = copy.deepcopy(compose())
    environment = spoiled["services"]["portal"]["environment"]
    environment["NEWSREEL_PORTAL_CATALOGUE_ORIGIN"] = environment.pop("NEWSREEL_PORTAL_CATALOG_ORIGIN")
    assert compose_problems(spoiled) == [
        "portal has no setting NEWSREEL_PORTAL_CATALOGUE_ORIGIN",
        "portal: NEWSREEL_PORTAL_CATALOG_ORIGIN is not set",
    ]


def test_every_setting_that_is_left_out_exists() -> None:
    assert {name for service in SERVICES for name in variables(service)} >= LEFT_OUT.keys()


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_real_api_server_takes_them(api_server: ControlPlane, overlay: str) -> None:
    objects = rendered(overlay)
    server.prepare(api_server, objects)
    assert list(server.refused(api_server, objects)) == []


@pytest.mark.parametrize("what", SERVER_MISTAKES)
def test_a_real_api_server_refuses_what_no_schema_sees(api_server: ControlPlane, what: str) -> None:
    objects = rendered("prod-byo")
    server.prepare(api_server, [found for found in objects if found["kind"] == "Namespace"])
    (said,) = server.refused(api_server, spoiled(SERVER_MISTAKES[what], objects))
    assert said != ""


def test_what_a_server_says_is_told(api_server: ControlPlane) -> None:
    objects = rendered("prod-byo")
    server.prepare(api_server, [found for found in objects if found["kind"] == "Namespace"])
    (said,) = server.refused(api_server, spoiled(SERVER_MISTAKES["a rollout that cannot move"], objects))
    assert said.startswith("Deployment identity: ")
    assert "may not be 0 when `maxSurge` is 0" in said
    (said,) = server.refused(api_server, spoiled(SERVER_MISTAKES["the node's network"], objects))
    assert 'would violate PodSecurity "restricted:latest"' in said
