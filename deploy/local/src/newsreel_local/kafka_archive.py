"""Kafka's AOT archive: classes loaded and linked in advance, so that the server listens in under a second."""

import shutil
import tempfile
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from pydantic import SecretStr

from newsreel_local import java, kafka_jars
from newsreel_local.kafka import KafkaServer
from newsreel_local.paths import DOWNLOADS
from newsreel_local.ports import free_ports
from newsreel_runtime.kafka import connection_options
from newsreel_runtime.settings import Kafka


async def make_archive() -> Path:
    """Run a throw-away server once, let it meet a client of each kind, and keep what it learnt. About 15 s.

    Does nothing when the archive is there. One that is not complete never has its name.
    """
    archive = java.archive_path(kafka_jars.paths())
    if archive.exists():
        return archive
    for left in DOWNLOADS.glob("training-*"):  # by one that was killed
        shutil.rmtree(left, ignore_errors=True)
    port, controller_port = free_ports(2)
    users = {"broker": "training", "admin": "training"}
    with tempfile.TemporaryDirectory(prefix="training-", dir=DOWNLOADS) as folder:
        unfinished = Path(folder) / archive.name
        server = KafkaServer(Path(folder), port, controller_port, users, train=unfinished)
        try:
            await server.start()
            await _exercise(Kafka(bootstrap=server.bootstrap, user="admin", password=SecretStr("training")))
            await server.stop()  # it writes the archive now
        finally:
            await server.kill()
        unfinished.replace(archive)
    return archive


async def _exercise(kafka: Kafka) -> None:
    options = connection_options(kafka)
    admin = AIOKafkaAdminClient(**options)
    await admin.start()
    await admin.create_topics([NewTopic("training", 3, 1)])
    await admin.close()
    async with AIOKafkaProducer(enable_idempotence=True, acks="all", **options) as producer:
        await producer.send_and_wait("training", b"value", key=b"key", headers=[("ce_id", b"1")])
    consumer = AIOKafkaConsumer("training", group_id="training", auto_offset_reset="earliest", **options)
    async with consumer:
        await consumer.getone()
        await consumer.commit()
