"""The bus of a stack is made once, and a stack of before gets what has come since."""

from pathlib import Path

from pydantic import SecretStr

from newsreel_bus.acls import list_acls, remove
from newsreel_bus.admin import admin_client
from newsreel_bus.topics import wanted
from newsreel_events.access import rights
from newsreel_local import bus, programs
from newsreel_local.environment import Layout
from newsreel_local.paths import LocalDir
from newsreel_local.ports import Ports, free_base
from newsreel_local.secrets_file import KAFKA_USERS, load_or_make
from newsreel_runtime.settings import Kafka
from newsreel_testing.broker_probe import visible


def test_whoever_has_a_right_has_a_login() -> None:
    assert {right.user for right in rights()} <= set(KAFKA_USERS)


async def test_a_stack_made_before_there_were_rights_gets_them(tmp_path: Path) -> None:
    local = LocalDir.made(tmp_path)
    layout = Layout(local, Ports(free_base()), load_or_make(local.secrets))
    kafka = await programs.kafka(layout, lambda _part, _text: None).start()
    try:
        assert not bus.is_known(layout)
        assert await bus.prepare(layout) == bus.Prepared(len(wanted()), len(rights()))
        assert bus.is_known(layout)

        users = {
            user: Kafka(
                bootstrap=f"127.0.0.1:{layout.ports['kafka']}",
                user=user,
                password=SecretStr(layout.secrets.kafka[user]),
            )
            for user in ("admin", "catalog")
        }
        admin = admin_client(users["admin"])
        await remove(admin, await list_acls(admin))
        (stamp,) = local.data("kafka").glob("topics*")
        stamp.unlink()
        assert await visible(users["catalog"]) == set()

        assert not bus.is_known(layout)
        assert await bus.prepare(layout) == bus.Prepared(0, len(rights()))
        assert await visible(users["catalog"]) == {"catalog.video.v1", "catalog.transcript.v1"}
    finally:
        await kafka.stop()
