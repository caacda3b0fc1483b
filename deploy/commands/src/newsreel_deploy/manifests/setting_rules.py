"""Settings: those of a manifest are known to the service, those that it needs are there."""

from collections.abc import Iterator
from pathlib import Path

from newsreel_deploy.manifests.inputs import SECRETS
from newsreel_deploy.manifests.rendered import Object, Pods, of_kind, pods
from newsreel_deploy.manifests.settings_table import SERVICES, variables
from newsreel_runtime.doctor.variables import Variable
from newsreel_runtime.settings import Kafka

# Left at what the code says. A new setting is set in compose and in Kubernetes, or gets its line here.
LEFT_OUT = {
    "NEWSREEL_HTTP_HOST": "the image sets it",
    "NEWSREEL_HTTP_PORT": "the image sets it",
    "NEWSREEL_HTTP_DRAIN_SECONDS": "for pods behind a load balancer only",
    "NEWSREEL_KAFKA_CA": "for brokers whose certificates a private authority signed",
    "NEWSREEL_KAFKA_INSTANCE": "for pods with names that stay",
    "NEWSREEL_KAFKA_TLS": "for brokers outside the network of the services",
    "NEWSREEL_POSTGRES_PORT": "5432",
    "NEWSREEL_POSTGRES_POOL_SIZE": "8",
    "NEWSREEL_METRICS": "off",
    "NEWSREEL_OTLP_ENDPOINT": "where there is a collector",
    "NEWSREEL_IDENTITY_PASSWORD_PROFILE": "portal",
    "NEWSREEL_IDENTITY_PEPPER_KEYS": "off until no pod of an older release runs: deploy/k8s/README.md",
    "NEWSREEL_IDENTITY_SMTPUTF8": "for mail servers without RFC 6531",
    "NEWSREEL_IDENTITY_HASH_THREADS": "2",
    "NEWSREEL_IDENTITY_HASH_WAITING": "256",
    "NEWSREEL_DELIVERY_URL_SECONDS": "3600",
    "NEWSREEL_DELIVERY_URL_PLACE": "edge",
    "NEWSREEL_DELIVERY_TICKET_SECONDS": "604800",
    "NEWSREEL_DELIVERY_MEDIA_ROOT": "for the process that looks at the files",
    "NEWSREEL_CATALOG_MEDIA_ROOT": "for the import",
    "NEWSREEL_BUCKET_NAME": "without a bucket, files lie in the media folder",
    "NEWSREEL_BUCKET_ENDPOINT": "with a bucket",
    "NEWSREEL_BUCKET_REGION": "with a bucket",
    "NEWSREEL_BUCKET_PATH_STYLE": "with a bucket",
    "NEWSREEL_BUCKET_ACCESS_KEY": "with a bucket",
    "NEWSREEL_BUCKET_SECRET": "with a bucket",
    "NEWSREEL_NOTIFIER_SMTP_USER": "for mail servers that ask for a login",
    "NEWSREEL_NOTIFIER_SMTP_PASSWORD": "for mail servers that ask for a login",
    "NEWSREEL_NOTIFIER_SMTP_CONNECTIONS": "8",
    "NEWSREEL_NOTIFIER_SMTP_CONNECT_LIMIT": "RFC 5321 §4.5.3.2",
    "NEWSREEL_NOTIFIER_SMTP_GREETING_LIMIT": "RFC 5321 §4.5.3.2",
    "NEWSREEL_NOTIFIER_SMTP_COMMAND_LIMIT": "RFC 5321 §4.5.3.2",
    "NEWSREEL_NOTIFIER_SMTP_DATA_LIMIT": "RFC 5321 §4.5.3.2",
    "NEWSREEL_NOTIFIER_SMTP_BLOCK_LIMIT": "RFC 5321 §4.5.3.2",
    "NEWSREEL_NOTIFIER_SMTP_END_LIMIT": "RFC 5321 §4.5.3.2",
    "NEWSREEL_NOTIFIER_SEND_LEASE": "60",
    "NEWSREEL_NOTIFIER_NEWSLETTER_CONNECTIONS": "2",
    "NEWSREEL_NOTIFIER_RECALL_CONNECTIONS": "2",
}
_OF_ALL = {"NEWSREEL_SECRETS_DIR", "NEWSREEL_ORIGIN"}


def service_of(found: Pods) -> str | None:
    name = found.name.removesuffix("-worker").removesuffix("-migrate")
    return name if name in SERVICES else None


def given(objects: list[Object], found: Pods, container: Object) -> tuple[set[str], set[str]]:
    """The variables that a container has from its environment, and those from the files of its Secret."""
    configs = {each["metadata"]["name"]: each.get("data", {}) for each in of_kind(objects, "ConfigMap")}
    there = {entry["name"] for entry in container.get("env", ())}
    for source in container.get("envFrom", ()):
        there |= configs.get(source["configMapRef"]["name"], {}).keys()
    secrets = {each["metadata"]["name"]: set(each["data"]) for each in of_kind(objects, "Secret")}
    files: set[str] = set()
    for volume in found.spec.get("volumes", ()):
        if volume["name"] == "secrets":
            name = volume["secret"]["secretName"]
            files |= secrets.get(name) or SECRETS.get(name, set())
    return there, {file.upper() for file in files}


def known(objects: list[Object]) -> Iterator[str]:
    """No variable is misspelt."""
    everywhere = {name for service in SERVICES for name in variables(service)} | _OF_ALL
    everywhere |= {f"NEWSREEL_KAFKA_{name.upper()}" for name in Kafka.model_fields}
    for found in pods(objects):
        for container in found.containers:
            there, files = given(objects, found, container)
            ours = {name for name in there if name.startswith("NEWSREEL_") and "_EDGE_" not in name}
            for name in sorted(ours - everywhere):
                yield f"{found.title}: no service has a setting {name}"
            service = service_of(found)
            if service is not None:
                for name in sorted(files - variables(service).keys()):
                    yield f"{found.title}: {service} has no setting {name}, which a file of its Secret gives"


def complete(objects: list[Object]) -> Iterator[str]:
    """Each container that serves has what its service needs; no secret is in an environment."""
    for found in pods(objects):
        service = service_of(found)
        for container in found.spec["containers"]:
            if service is None or container.get("args", [""])[0] != "serve":
                continue
            there, files = given(objects, found, container)
            there |= {"NEWSREEL_HTTP_PORT"}  # the image's
            yield from _lacks(found, variables(service), there, files)


def _lacks(found: Pods, table: dict[str, Variable], there: set[str], files: set[str]) -> Iterator[str]:
    if "NEWSREEL_CATALOG_MEDIA_ROOT" in table:
        table = {name: each for name, each in table.items() if name != "NEWSREEL_CATALOG_MEDIA_ROOT"}
    for name, variable in table.items():
        if variable.secret and name in there:
            yield f"{found.title}: {name} is a secret and stands in the environment"
        if name not in there | files and variable.required:
            yield f"{found.title}: {name} is not set"
        if name not in there | files and not variable.required and name not in LEFT_OUT:
            yield f"{found.title}: {name} is neither set nor in the list of what is left out"


_PATHS = ("NEWSREEL_SECRETS_DIR", "NEWSREEL_KAFKA_CA", "NEWSREEL_DELIVERY_MEDIA_ROOT")


def mounted(objects: list[Object]) -> Iterator[str]:
    """Each path that a setting names lies in a volume of the container that serves."""
    configs = {each["metadata"]["name"]: each.get("data", {}) for each in of_kind(objects, "ConfigMap")}
    for found in pods(objects):
        service = service_of(found)
        for container in found.spec["containers"]:
            if service is None or container.get("args", [""])[0] != "serve":
                continue
            values = {entry["name"]: entry.get("value") for entry in container.get("env", ())}
            for source in container.get("envFrom", ()):
                values |= configs.get(source["configMapRef"]["name"], {})
            places = [Path(mount["mountPath"]) for mount in container.get("volumeMounts", ())]
            for name in _PATHS:
                needed = name == "NEWSREEL_SECRETS_DIR" or name in variables(service)
                path = Path(values.get(name) or "/")
                if needed and name in values and not any(path.is_relative_to(place) for place in places):
                    yield f"{found.title}: {name} is {path}, which is in no volume"
