"""server.properties and logging of the one-node Kafka: small, SASL/SCRAM and ACLs on, topics made by us."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BROKER = "broker"
ADMIN = "admin"
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
_PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"

LOGGING = """\
status=error
rootLogger.level=warn
rootLogger.appenderRef.o.ref=o
appender.o.type=Console
appender.o.name=o
appender.o.layout.type=PatternLayout
appender.o.layout.pattern=%d{yyyy-MM-dd'T'HH:mm:ss.SSS} %p %c{1}: %m%n
logger.started.name=kafka.server.KafkaRaftServer
logger.started.level=info
logger.refusals.name=kafka.authorizer.logger
logger.refusals.level=info
logger.logins.name=org.apache.kafka.common.network.Selector
logger.logins.level=info
"""

_SINGLE_NODE = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "SASL",
    "listener.security.protocol.map": "SASL:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT",
    "early.start.listeners": "CONTROLLER",
    "auto.create.topics.enable": "false",
    "default.replication.factor": "1",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "3",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "3",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "group.initial.rebalance.delay.ms": "0",
    "log.cleaner.dedupe.buffer.size": "2097152",
    "log.segment.bytes": "67108864",
    "log.index.size.max.bytes": "262144",  # mapped for every partition's active segment
    # A killed broker may register again once its session is over: soon, where restarts are the point.
    "broker.heartbeat.interval.ms": "500",
    "broker.session.timeout.ms": "3000",
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "4",
    "num.recovery.threads.per.data.dir": "1",
    # Clients log in with SCRAM; the controller link with PLAIN, since the SCRAM users live in the metadata
    # that this very link carries.
    "sasl.enabled.mechanisms": "SCRAM-SHA-512",
    "sasl.mechanism.inter.broker.protocol": "SCRAM-SHA-512",
    "sasl.mechanism.controller.protocol": "PLAIN",
    "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "allow.everyone.if.no.acl.found": "false",
    "super.users": f"User:{BROKER};User:{ADMIN}",
}


@dataclass(frozen=True)
class Listeners:
    """Where the broker and its controller listen, on 127.0.0.1."""

    port: int
    controller_port: int


def server_properties(
    data: Path, listeners: Listeners, broker_password: str, different: Mapping[str, str]
) -> str:
    """The text of server.properties; it holds the broker's password, so the file is 0600.

    `different` are the properties in which a node is not as the single one.
    """
    login = f'required username="{BROKER}" password="{broker_password}"'
    broker, controller = f"127.0.0.1:{listeners.port}", f"127.0.0.1:{listeners.controller_port}"
    properties = _SINGLE_NODE | {
        "controller.quorum.voters": f"1@{controller}",
        "listeners": f"SASL://{broker},CONTROLLER://{controller}",
        "advertised.listeners": f"SASL://{broker}",
        "listener.name.sasl.scram-sha-512.sasl.jaas.config": f"{_SCRAM} {login};",
        "listener.name.controller.plain.sasl.jaas.config": (
            f'{_PLAIN} {login} user_{BROKER}="{broker_password}";'
        ),
        "log.dirs": str(data).replace("\\", "\\\\"),
        **different,
    }
    return "".join(f"{name}={value}\n" for name, value in properties.items())
