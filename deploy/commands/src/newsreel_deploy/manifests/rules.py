"""All rules, by the names that the table and the tests show."""

from collections.abc import Callable, Iterator, Mapping

from newsreel_deploy.manifests import (
    gateway_rules,
    pod_rules,
    reference_rules,
    scaling_rules,
    schema_rules,
    secret_rules,
    setting_rules,
)
from newsreel_deploy.manifests.rendered import Object

Rule = Callable[[list[Object]], Iterator[str]]

RULES: Mapping[str, Rule] = {
    "core schemas": schema_rules.core,
    "schemas of custom resources": schema_rules.custom_resources,
    "pods are closed": pod_rules.closed,
    "memory and CPU": pod_rules.bounded,
    "probes": pod_rules.watched,
    "grace period": pod_rules.grace,
    "rollouts": pod_rules.rolls,
    "versions of images": pod_rules.pinned,
    "restart policy": pod_rules.restarted,
    "volumes": reference_rules.volumes,
    "environment": reference_rules.environment,
    "service accounts": reference_rules.accounts,
    "selectors": reference_rules.selectors,
    "ports": reference_rules.ports,
    "disruption budgets": reference_rules.budgets,
    "settings are known": setting_rules.known,
    "settings are complete": setting_rules.complete,
    "settings' paths": setting_rules.mounted,
    "secrets": secret_rules.made,
    "the public door": gateway_rules.doors,
    "scaled once": scaling_rules.targets,
    "KEDA's triggers": scaling_rules.triggers,
    "network policies": scaling_rules.policies,
    "topics": scaling_rules.topics,
}
