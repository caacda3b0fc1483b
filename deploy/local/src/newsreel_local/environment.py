"""The environment of each process: the one place where ports, secrets and names of settings meet."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from newsreel_local.paths import LocalDir
from newsreel_local.ports import Ports
from newsreel_local.process import inherited
from newsreel_local.secrets_file import DATABASE_OWNERS, Secrets

SERVICES = ("identity", "notifier", "catalog", "delivery", "portal")
_PASSED_ON = (
    "NEWSREEL_FAILPOINTS",
    "NEWSREEL_FAILPOINTS_DIR",
    "NEWSREEL_METRICS",
    "NEWSREEL_OTLP_ENDPOINT",
    "NEWSREEL_SECRETS_DIR",
)


def _given(prefix: str) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith(prefix)}


@dataclass(frozen=True)
class Layout:
    """One stack: its folder, its ports, its secrets, and the servers that it does not run itself."""

    local: LocalDir
    ports: Ports
    secrets: Secrets
    external_postgres: Mapping[str, str] = field(default_factory=dict)
    external_kafka: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_environment(cls, local: LocalDir, ports: Ports, secrets: Secrets) -> "Layout":
        """With the servers that `NEWSREEL_POSTGRES_HOST` and `NEWSREEL_KAFKA_BOOTSTRAP` name, if they do."""
        postgres = _given("NEWSREEL_POSTGRES_") if os.environ.get("NEWSREEL_POSTGRES_HOST") else {}
        kafka = _given("NEWSREEL_KAFKA_") if os.environ.get("NEWSREEL_KAFKA_BOOTSTRAP") else {}
        return cls(local, ports, secrets, postgres, kafka)

    @property
    def postgres_address(self) -> tuple[str, int]:
        given = self.external_postgres
        if given:
            return given["NEWSREEL_POSTGRES_HOST"], int(given.get("NEWSREEL_POSTGRES_PORT", "5432"))
        return "127.0.0.1", self.ports["postgres"]

    def settings(self, service: str) -> dict[str, str]:
        """The variables of one service; one of its own group that you set yourself wins."""
        own = _OWN[service](self)
        if service in DATABASE_OWNERS:
            own |= self._postgres(service) | self.kafka(service)
        origin = {
            "NEWSREEL_ENVIRONMENT": "local",
            "NEWSREEL_HTTP_HOST": "127.0.0.1",
            "NEWSREEL_HTTP_PORT": str(self.ports[service]),
            "NEWSREEL_HTTP_TRUSTED_PROXIES": "127.0.0.1",
            "NEWSREEL_OTLP_ENDPOINT": self.ports.origin("traces"),
        }
        passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return origin | own | passed | _given(f"NEWSREEL_{service.upper()}_")

    def process(self, service: str) -> dict[str, str]:
        return inherited({**self.settings(service), "PYTHONUNBUFFERED": "1"})

    def administrator(self) -> dict[str, str]:
        """The environment of a command that may make topics, users and rights."""
        return inherited(self.kafka("admin"))

    def edge(self) -> dict[str, str]:
        """The variables of `deploy/edge/Caddyfile`."""
        data = self.local.data("edge")
        return {
            "NEWSREEL_EDGE_LISTEN": str(self.ports["edge"]),
            "NEWSREEL_EDGE_PORTAL": f"127.0.0.1:{self.ports['portal']}",
            "NEWSREEL_EDGE_DELIVERY": f"127.0.0.1:{self.ports['delivery']}",
            "NEWSREEL_EDGE_MEDIA": str(self.local.data("media")),
            "NEWSREEL_EDGE_LOG": str(self.local.log("edge-access")),
            "NEWSREEL_EDGE_BUCKET": os.environ.get("NEWSREEL_BUCKET_ENDPOINT", ""),
            "XDG_DATA_HOME": str(data),
            "XDG_CONFIG_HOME": str(data),
        }

    @staticmethod
    def group(prefix: str, variables: Mapping[str, str]) -> dict[str, str]:
        """The variables of one group, named as the fields of its settings class."""
        return {
            name.removeprefix(prefix).lower(): text
            for name, text in variables.items()
            if name.startswith(prefix)
        }

    def _postgres(self, service: str) -> dict[str, str]:
        host, port = self.postgres_address
        return {
            "NEWSREEL_POSTGRES_HOST": host,
            "NEWSREEL_POSTGRES_PORT": str(port),
            "NEWSREEL_POSTGRES_DATABASE": service,
            "NEWSREEL_POSTGRES_USER": service,
            "NEWSREEL_POSTGRES_PASSWORD": self.secrets.postgres[service],
        }

    def kafka(self, user: str) -> dict[str, str]:
        """The variables that name the bus, for one user; those of your server are the same for all."""
        if self.external_kafka:
            return dict(self.external_kafka)
        return {
            "NEWSREEL_KAFKA_BOOTSTRAP": f"127.0.0.1:{self.ports['kafka']}",
            "NEWSREEL_KAFKA_USER": user,
            "NEWSREEL_KAFKA_PASSWORD": self.secrets.kafka[user],
            "NEWSREEL_KAFKA_INSTANCE": user,  # one process per service: a killed one is replaced at once
        }


def _identity(layout: Layout) -> dict[str, str]:
    return {
        "NEWSREEL_CODE_KEYS": layout.secrets.code_keys,
        "NEWSREEL_UNSUBSCRIBE_KEYS": layout.secrets.unsubscribe_keys,
        "NEWSREEL_IDENTITY_SIGNING_KEY": layout.secrets.identity_signing_key,
        "NEWSREEL_IDENTITY_ISSUER": layout.ports.origin("identity"),
        "NEWSREEL_IDENTITY_LOOKUP_KEY": layout.secrets.identity_lookup_key,
        "NEWSREEL_IDENTITY_PEPPER_KEYS": layout.secrets.identity_pepper_keys,
    }


def _notifier(layout: Layout) -> dict[str, str]:
    return {
        "NEWSREEL_CODE_KEYS": layout.secrets.code_keys,
        "NEWSREEL_UNSUBSCRIBE_KEYS": layout.secrets.unsubscribe_keys,
        "NEWSREEL_NOTIFIER_SMTP_HOST": "127.0.0.1",
        "NEWSREEL_NOTIFIER_SMTP_PORT": str(layout.ports["smtp"]),
        "NEWSREEL_NOTIFIER_SMTP_TLS": "none",  # the mail server is on this machine
        "NEWSREEL_NOTIFIER_MAIL_FROM": "newsreel@newsreel.example",
        "NEWSREEL_NOTIFIER_PORTAL_ORIGIN": layout.ports.origin("edge"),
    }


def _catalog(layout: Layout) -> dict[str, str]:
    return {
        "NEWSREEL_CATALOG_MEDIA_ROOT": str(layout.local.data("media")),
        "NEWSREEL_CATALOG_IDENTITY_ORIGIN": layout.ports.origin("identity"),
        **_given("NEWSREEL_BUCKET_"),
    }


def _delivery(layout: Layout) -> dict[str, str]:
    return {
        "NEWSREEL_DELIVERY_MEDIA_ROOT": str(layout.local.data("media")),
        "NEWSREEL_DELIVERY_PUBLIC_ORIGIN": layout.ports.origin("edge"),
        "NEWSREEL_DELIVERY_URL_KEYS": layout.secrets.delivery_url_keys,
        "NEWSREEL_DELIVERY_IDENTITY_ORIGIN": layout.ports.origin("identity"),
        "NEWSREEL_DELIVERY_TICKET_ORIGIN": layout.ports.origin("edge"),
        **_given("NEWSREEL_BUCKET_"),
    }


def _portal(layout: Layout) -> dict[str, str]:
    return {
        "NEWSREEL_PORTAL_ORIGIN": layout.ports.origin("edge"),
        "NEWSREEL_PORTAL_SIGNING_KEY": layout.secrets.portal_signing_key,
        "NEWSREEL_PORTAL_IDENTITY_ORIGIN": layout.ports.origin("identity"),
        "NEWSREEL_PORTAL_CATALOG_ORIGIN": layout.ports.origin("catalog"),
        "NEWSREEL_PORTAL_DELIVERY_ORIGIN": layout.ports.origin("delivery"),
        "NEWSREEL_PORTAL_MEDIA_ORIGIN": layout.ports.origin("edge"),
    }


_OWN = {
    "identity": _identity,
    "notifier": _notifier,
    "catalog": _catalog,
    "delivery": _delivery,
    "portal": _portal,
}
