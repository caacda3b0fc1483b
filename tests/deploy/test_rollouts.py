"""What the trial changes in rendered objects, and what it says of its steps."""

import copy

import pytest
import yaml

from newsreel_deploy.rollouts.objects import STATEFUL_NODE, adapt, images, of_kind, with_tag

RENDERED = list(
    yaml.safe_load_all("""
kind: Deployment
metadata: {name: identity}
spec:
  replicas: 1
  template:
    spec:
      initContainers: [{name: schema, image: "newsreel/identity:dev"}]
      containers: [{name: service, image: "newsreel/identity:dev"}]
---
kind: Job
metadata: {name: identity-migrate}
spec: {template: {spec: {containers: [{name: service, image: "newsreel/identity:dev"}]}}}
---
kind: Deployment
metadata: {name: portal}
spec: {replicas: 1, template: {spec: {containers: [{name: service, image: "newsreel/portal:dev"}]}}}
---
kind: StatefulSet
metadata: {name: kafka}
spec: {replicas: 1, template: {spec: {containers: [{name: kafka, image: "apache/kafka:4.3.1"}]}}}
---
kind: ConfigMap
metadata: {name: inputs}
data: {spec: none}
""")
)


def test_every_image_is_found_once() -> None:
    assert images(RENDERED) == {"newsreel/identity:dev", "newsreel/portal:dev", "apache/kafka:4.3.1"}


def test_two_replicas_of_each_service_and_the_stateful_parts_stay() -> None:
    before = copy.deepcopy(RENDERED)
    adapted = adapt(RENDERED)
    assert before == RENDERED
    assert [found["spec"]["replicas"] for found in of_kind(adapted, "Deployment")] == [2, 2]
    (kafka,) = of_kind(adapted, "StatefulSet")
    assert kafka["spec"]["replicas"] == 1
    assert kafka["spec"]["template"]["spec"]["nodeSelector"] == {"kubernetes.io/hostname": STATEFUL_NODE}
    pods = [found["spec"]["template"]["spec"] for found in adapted if "spec" in found]
    policies = [
        one["imagePullPolicy"] for pod in pods for one in [*pod.get("initContainers", []), *pod["containers"]]
    ]
    assert set(policies) == {"Never"}


@pytest.mark.parametrize(
    ("service", "names"), [("identity", ["identity", "identity-migrate-next"]), ("portal", ["portal"])]
)
def test_a_next_version_is_that_of_one_service(service: str, names: list[str]) -> None:
    changed = with_tag(RENDERED, service, "next")
    assert [found["metadata"]["name"] for found in changed] == names
    assert images(changed) == {f"newsreel/{service}:next"}
