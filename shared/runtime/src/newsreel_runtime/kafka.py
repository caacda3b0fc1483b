"""How each Kafka client of a service connects, and what a connection that is cut raises."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiokafka.errors import KafkaConnectionError

from newsreel_runtime.aiokafka_internals import PasswordNow
from newsreel_runtime.settings import Kafka


def connection_options(settings: Kafka) -> dict[str, Any]:
    """The connection arguments that aiokafka's producer, consumer and admin client share."""
    options: dict[str, Any] = {"bootstrap_servers": settings.bootstrap}
    if settings.user is None or settings.password is None:
        return options
    options |= {
        "security_protocol": "SASL_SSL" if settings.tls else "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": settings.user,
        "sasl_plain_password": PasswordNow(settings.password),
    }
    if settings.tls:
        from aiokafka.helpers import create_ssl_context

        options["ssl_context"] = create_ssl_context(cafile=settings.ca)
    return options


@contextmanager
def cut_connections() -> Iterator[None]:
    """Inside, a connection that is cut before a write raises `KafkaConnectionError`.

    uvloop raises a bare RuntimeError there, where asyncio's own loop raises nothing (MagicStack/uvloop#506).
    """
    try:
        yield
    except RuntimeError as error:
        if "the handler is closed" not in str(error):
            raise
        raise KafkaConnectionError("the connection was cut") from error
