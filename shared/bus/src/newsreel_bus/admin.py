"""An administrator's connection to Kafka; aiokafka's admin client cannot create ACLs or users."""

from typing import Any

from confluent_kafka.admin import AdminClient

from newsreel_runtime.settings import Kafka

TIMEOUT = 10.0  # seconds for one answer of the broker


def admin_client(kafka: Kafka) -> AdminClient:
    """The client of an administrator, connected at its first request."""
    options: dict[str, Any] = {"bootstrap.servers": kafka.bootstrap, "client.id": "newsreel-bus"}
    if kafka.user is not None and kafka.password is not None:
        options |= {
            "security.protocol": "SASL_SSL" if kafka.tls else "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": kafka.user,
            "sasl.password": kafka.password.get_secret_value(),
        }
    if kafka.ca is not None:
        options["ssl.ca.location"] = str(kafka.ca)
    return AdminClient(options)
