"""Who connects to whom in a cluster: the one table behind the network policies."""

from dataclasses import dataclass

DATABASE_OWNERS = ("identity", "notifier", "catalog", "delivery")
CONSUMERS = ("identity", "notifier", "delivery")
HTTP = ("identity", "catalog", "delivery", "portal")
FOR_CLIENTS = ("identity", "catalog", "delivery")  # what other teams' programs call from their own namespaces
WORKERS = tuple(f"{name}-worker" for name in DATABASE_OWNERS)
JOBS = tuple(f"{name}-migrate" for name in DATABASE_OWNERS)

SERVICE_PORT, KAFKA_PORT, POSTGRES_PORT, SMTP_PORTS, OTLP_PORT = 8080, 9092, 5432, (25, 465, 587, 1025), 4318
KAFKA_PORTS = (KAFKA_PORT, 9093)


@dataclass(frozen=True, order=True)
class Flow:
    """Pods named `source` open connections to `target` on these ports. A target in capitals is outside."""

    source: str
    target: str
    ports: tuple[int, ...]


def flows() -> list[Flow]:
    """All of them, in the order of their names."""
    found = {
        Flow("edge", "portal", (SERVICE_PORT,)),
        Flow("edge", "delivery", (SERVICE_PORT,)),
        *(Flow("portal", target, (SERVICE_PORT,)) for target in ("identity", "catalog", "delivery")),
        Flow("delivery", "identity", (SERVICE_PORT,)),  # the keys of access tokens
        Flow("catalog", "identity", (SERVICE_PORT,)),  # the same, and whether an editor's session stands
        Flow("notifier-worker", "MAIL", SMTP_PORTS),
        Flow("bus-apply", "KAFKA", KAFKA_PORTS),
        *(Flow(worker, "KAFKA", KAFKA_PORTS) for worker in WORKERS),
    }
    served = (*(name for name in HTTP if name != "portal"), *WORKERS, *JOBS, "samples")
    found |= {Flow(name, "POSTGRES", (POSTGRES_PORT,)) for name in served}
    found |= {Flow(name, "TRACES", (OTLP_PORT,)) for name in (*HTTP, *WORKERS)}
    return sorted(found)
