"""Delivery as a process of its own with two published files, and signed URLs for them."""

import hashlib
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from delivery.domain.edge_signer import EdgeSigner
from delivery.domain.grant import Caller
from delivery.inbound_kafka import on_account, on_video
from delivery.usecases.open_grant import open_grant
from newsreel_events import Envelope
from newsreel_events.catalog import RenditionV1, VideoPublishedV1, VideoStateV1
from newsreel_events.identity import AccountStateV1, AccountVerifiedV1
from newsreel_local.health import until_ready
from newsreel_local.ports import free_ports
from newsreel_local.postgres import PostgresServer
from newsreel_local.process import Command, Process, inherited
from newsreel_runtime.database import Database
from newsreel_runtime.ids import new_id
from newsreel_runtime.keyring import KeyRing
from newsreel_runtime.migrate import migrate

_KEYS = f"k1:{bytes(range(32)).hex()}"
_HOURS = 4
_FILE = "presser.mp4"


@dataclass(frozen=True)
class Published:
    """The files' paths below the media folder, their signed targets, and delivery's port and process."""

    files: tuple[str, str]
    targets: tuple[str, str]
    port: int
    pid: int


@asynccontextmanager
async def published(folder: Path, media: Path, edge: int, sizes: tuple[int, int]) -> AsyncIterator[Published]:
    """Two files of zeros, of so many bytes, whose URLs are for an edge at that port."""
    port, sql = free_ports(2)
    server = PostgresServer(folder / "postgres", sql, "postgres")
    await server.start()
    try:
        postgres = server.settings()
        await migrate(postgres, "delivery")
        origin = f"http://127.0.0.1:{edge}"
        async with Database.open(postgres) as database:
            small, large = [await _publish(database, media, origin, size) for size in sizes]
        process = await Process.start(_delivery(folder, media, port, origin, server))
        try:
            await until_ready(port)
            yield Published((small[0], large[0]), (small[1], large[1]), port, process.pid)
        finally:
            await process.stop()
    finally:
        await server.stop()


def _delivery(folder: Path, media: Path, port: int, origin: str, server: PostgresServer) -> Command:
    variables = {
        "NEWSREEL_ENVIRONMENT": "local",
        "NEWSREEL_HTTP_HOST": "127.0.0.1",
        "NEWSREEL_HTTP_PORT": str(port),
        "NEWSREEL_POSTGRES_HOST": server.host,
        "NEWSREEL_POSTGRES_PORT": str(server.port),
        "NEWSREEL_POSTGRES_DATABASE": "postgres",
        "NEWSREEL_POSTGRES_USER": "postgres",
        "NEWSREEL_POSTGRES_PASSWORD": server.password,
        "NEWSREEL_KAFKA_BOOTSTRAP": "127.0.0.1:9",  # the role http does not ask it
        "NEWSREEL_DELIVERY_MEDIA_ROOT": str(media),
        "NEWSREEL_DELIVERY_PUBLIC_ORIGIN": origin,
        "NEWSREEL_DELIVERY_TICKET_ORIGIN": origin,
        "NEWSREEL_DELIVERY_IDENTITY_ORIGIN": origin,
        "NEWSREEL_DELIVERY_URL_KEYS": _KEYS,
    }
    argv = [sys.executable, "-m", "delivery", "serve", "--roles", "http"]
    return Command(argv, log=folder / "delivery.log", environment=inherited(variables))


async def _publish(database: Database, media: Path, origin: str, size: int) -> tuple[str, str]:
    now, account = datetime.now(UTC), new_id()
    rendition = RenditionV1(
        rendition_id=new_id(),
        name="broadcast",
        role="broadcast",
        file=_FILE,
        media_type="video/mp4",
        container="mp4",
        video_codec="h264",
        width=1920,
        height=1080,
        frame_rate="25",
        bit_rate=8_000_000,
        size_bytes=size,
        sha256=hashlib.sha256(str(size).encode()).hexdigest(),  # nobody compares it here
    )
    video = VideoStateV1(
        video_id=new_id(),
        version=1,
        reference=f"NR-{size}",
        status="usable",
        titles={"en": "Press conference"},
        headlines={},
        descriptions={},
        genre="press_conference",
        recorded_at=now.date(),
        published_at=now,
        duration_ms=1000,
        spoken_languages=("en",),
        location="Brussels",
        credit_line="Newsreel",
        renditions=(rendition,),
    )
    state = AccountStateV1.model_validate(
        {"account_id": account, "status": "active", "sessions_valid_after": now - timedelta(days=1)}
    )
    received = Envelope(id=new_id(), type="-", source="-", time=now, key="-")
    async with database.begin() as tx:
        await on_account(tx, AccountVerifiedV1(account=state), received)
        await on_video(tx, VideoPublishedV1(video=video), received)
    async with database.begin() as tx:
        opened = await open_grant(tx, Caller(account, now), video.video_id, rendition.rendition_id, now)
    _put(media / str(rendition.rendition_id), size)
    signer = EdgeSigner(origin, KeyRing.parse(_KEYS), _HOURS * 3600)
    url = urlsplit(signer.issue(f"{rendition.rendition_id}/{_FILE}", _FILE, str(opened.grant.grant_id), now))
    return f"/{rendition.rendition_id}/{_FILE}", f"{url.path}?{url.query}"


def _put(folder: Path, size: int) -> None:
    """A sparse file."""
    folder.mkdir(mode=0o755)
    with (folder / _FILE).open("wb") as file:
        file.truncate(size)
