"""A delivery service in the test's own process: real database, tokens and files, a clock that can be set."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from joserfc import jwt
from joserfc.jwk import KeySet, OKPKey

from delivery.domain.edge_signer import EdgeSigner
from delivery.domain.s3_signer import Credentials, S3Signer
from delivery.domain.signer import Signer
from delivery.inbound_http import create_http
from delivery.inbound_http.dependencies import SCOPE, Dependencies
from delivery.inbound_http.edge_file import EdgeFile
from delivery.inbound_http.file_source import BucketSource, FileSource, FolderSource
from delivery.inbound_kafka import on_account, on_account_erased, on_video, on_video_erased
from newsreel_events import Envelope
from newsreel_events.catalog import RenditionV1, VideoPublishedV1, VideoStateV1, VideoWithdrawnV1
from newsreel_events.identity import AccountStateV1, AccountVerifiedV1
from newsreel_runtime.clock import now
from newsreel_runtime.database import Database
from newsreel_runtime.http.access_token import AccessTokenVerifier
from newsreel_runtime.ids import new_id
from newsreel_runtime.keyring import KeyRing
from newsreel_testing.s3_server import READER, S3Server

IDENTITY = "http://identity.test"
MEDIA = "http://media.test:8404"
PORTAL = "http://portal.test"
WEEK = 7 * 24 * 60 * 60  # how long a bearer ticket lives
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@dataclass
class SetClock:
    """A clock that stands still until it is moved."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


class Issuer:
    """Signs access tokens as identity does, and publishes its key."""

    def __init__(self, name: str = IDENTITY) -> None:
        self.name = name
        self._key = OKPKey.generate_key("Ed25519", {"kid": "test", "alg": "EdDSA", "use": "sig"})

    @property
    def jwks(self) -> Mapping[str, Any]:
        """What identity publishes at `/.well-known/jwks.json`."""
        return KeySet([self._key]).as_dict(private=False)

    @property
    def transport(self) -> httpx.AsyncBaseTransport:
        """A network in which only the keys are."""
        return httpx.MockTransport(lambda _: httpx.Response(200, json=self.jwks))

    def bearer(
        self, account_id: UUID, session_began: datetime = NOON, *, roles: Sequence[str] = ()
    ) -> dict[str, str]:
        """The header of a request by a session of that account."""
        issued = int(datetime.now(UTC).timestamp())
        claims = {
            "iss": self.name,
            "aud": "newsreel",
            "sub": str(account_id),
            "sid": str(new_id()),
            "iat": issued,
            "exp": issued + 300,
            "auth_time": session_began.timestamp(),
            "roles": list(roles),
        }
        return self._signed(claims, "JWT")

    def client_bearer(
        self, client_id: UUID, issued_at: datetime | None = None, scope: str = "downloads"
    ) -> dict[str, str]:
        """The header of a request by a program."""
        issued = (issued_at or datetime.now(UTC)).timestamp()
        claims = {
            "iss": self.name,
            "aud": "newsreel",
            "sub": str(client_id),
            "client_id": str(client_id),
            "scope": scope,
            "jti": str(new_id()),
            "iat": issued,
            "exp": int(issued) + 300,
        }
        return self._signed(claims, "at+jwt")

    def _signed(self, claims: dict[str, Any], typ: str) -> dict[str, str]:
        header = {"alg": "EdDSA", "kid": "test", "typ": typ}
        token = jwt.encode(header, claims, self._key, algorithms=["EdDSA"])
        return {"Authorization": f"Bearer {token}"}


def a_rendition(content: bytes, file: str = "presser.mp4", rendition_id: UUID | None = None) -> RenditionV1:
    """A rendition as the catalogue publishes it."""
    return RenditionV1(
        rendition_id=rendition_id or new_id(),
        name="broadcast-1080p",
        role="broadcast",
        file=file,
        media_type="video/mp4",
        container="mp4",
        video_codec="h264",
        width=1920,
        height=1080,
        frame_rate="25",
        bit_rate=8_000_000,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


def a_video(*renditions: RenditionV1, video_id: UUID | None = None, version: int = 1) -> VideoStateV1:
    """A video as the catalogue publishes it."""
    return VideoStateV1(
        video_id=video_id or new_id(),
        version=version,
        reference="NR-0001",
        status="usable",
        titles={"en": "Press conference"},
        headlines={},
        descriptions={},
        genre="press_conference",
        recorded_at=date(2026, 11, 24),
        published_at=NOON,
        duration_ms=1000,
        spoken_languages=("en",),
        location="Brussels",
        credit_line="Newsreel",
        renditions=renditions,
    )


def received() -> Envelope:
    """What a handler is told of a record."""
    return Envelope(id=new_id(), type="-", source="-", time=NOON, key="-")


@dataclass(frozen=True)
class FilledBucket:
    """A bucket of a real S3 server, with what the catalogue has put there."""

    server: S3Server
    name: str
    source: BucketSource

    @classmethod
    def of(cls, server: S3Server, name: str, seconds: int = 300) -> "FilledBucket":
        """A new one. Delivery reads it with a key that may not write; its URLs live for `seconds`."""
        server.make_bucket(name)
        read = Credentials(*READER)
        signer = S3Signer(server.endpoint, "us-east-1", name, True, lambda: read, seconds)
        return cls(server, name, BucketSource(signer, now))

    def put(self, sha256: str, content: bytes) -> None:
        self.server.client().put_object(
            Bucket=self.name,
            Key=f"sha256/{sha256}",
            Body=content,
            ContentType="of/s3",
            CacheControl="of s3",
            ContentDisposition="inline",
        )

    def remove(self, sha256: str) -> None:
        self.server.client().delete_object(Bucket=self.name, Key=f"sha256/{sha256}")


@dataclass
class _Chosen:
    """Where files lie now: a test may change it under a running service."""

    delivery: "Delivery"

    async def require(self, file: EdgeFile) -> None:
        await self.delivery.source.require(file)

    def redirect(self, file: EdgeFile, method: str, headers: Mapping[str, str]) -> Mapping[str, str] | None:
        return self.delivery.source.redirect(file, method, headers)


@dataclass
class Delivery:
    """The service, its clock, its database, its files, and whoever signs tokens for it."""

    database: Database
    media_root: Path
    clock: SetClock = field(default_factory=SetClock)
    issuer: Issuer = field(default_factory=Issuer)
    bucket: FilledBucket | None = None  # None: files lie in the folder

    def __post_init__(self) -> None:
        edge = EdgeSigner(origin=MEDIA, keys=KeyRing({"k1": bytes(range(32))}), seconds=3600)
        self.dependencies = Dependencies(
            self.database,
            AccessTokenVerifier(IDENTITY, transport=self.issuer.transport, scope=SCOPE),
            edge,
            edge,
            PORTAL,
            _Chosen(self),
            WEEK,
            self.clock,
        )
        self.app = create_http(self.dependencies)

    def lead_programs_to(self, signer: Signer) -> None:
        """As the setting does."""
        self.app = create_http(replace(self.dependencies, signer=signer))

    def client(self) -> httpx.AsyncClient:
        """A client that follows no redirects and keeps nothing."""
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=True)
        return httpx.AsyncClient(transport=transport, base_url=MEDIA)

    async def account(
        self,
        status: str = "active",
        account_id: UUID | None = None,
        ended: datetime = NOON - timedelta(days=1),
    ) -> UUID:
        """Identity says: this account, in this state, its sessions ended until `ended`."""
        known = account_id or new_id()
        state = AccountStateV1.model_validate(
            {"account_id": known, "status": status, "sessions_valid_after": ended}
        )
        async with self.database.begin() as tx:
            await on_account(tx, AccountVerifiedV1(account=state), received())
        return known

    async def erase_account(self, account_id: UUID) -> None:
        """Identity's tombstone."""
        async with self.database.begin() as tx:
            await on_account_erased(tx, str(account_id))

    async def erase_video(self, video_id: UUID) -> None:
        """The catalogue's tombstone."""
        async with self.database.begin() as tx:
            await on_video_erased(tx, str(video_id))

    async def publish(self, video: VideoStateV1) -> VideoStateV1:
        """The catalogue says: this video, in this state."""
        async with self.database.begin() as tx:
            await on_video(tx, VideoPublishedV1(video=video), received())
        return video

    async def withdraw(self, video: VideoStateV1, reason: str, note: dict[str, str]) -> None:
        """The catalogue says: this video is taken back for good."""
        state = video.model_copy(update={"version": video.version + 1, "status": "withdrawn"})
        async with self.database.begin() as tx:
            await on_video(tx, VideoWithdrawnV1(video=state, reason=reason, note=note), received())

    @property
    def source(self) -> FileSource:
        return self.bucket.source if self.bucket else FolderSource(self.media_root)

    def put(self, rendition: RenditionV1, content: bytes) -> None:
        """The file is in its place."""
        if self.bucket is not None:
            self.bucket.put(rendition.sha256, content)
            return
        folder = self.media_root / str(rendition.rendition_id)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / rendition.file).write_bytes(content)

    def lose(self, rendition: RenditionV1) -> None:
        """The file is gone."""
        if self.bucket is not None:
            self.bucket.remove(rendition.sha256)
        else:
            (self.media_root / str(rendition.rendition_id) / rendition.file).unlink()

    async def publish_file(
        self, content: bytes, file: str = "presser.mp4"
    ) -> tuple[VideoStateV1, RenditionV1]:
        """A published video of one rendition, its bytes in place."""
        rendition = a_rendition(content, file)
        self.put(rendition, content)
        return await self.publish(a_video(rendition)), rendition

    async def publish_poster(self, content: bytes, video: VideoStateV1 | None = None) -> VideoStateV1:
        """A published video, or the next version of one, with a poster in place."""
        video = video or a_video(a_rendition(content))
        sha256 = hashlib.sha256(content).hexdigest()
        if self.bucket is not None:
            self.bucket.put(sha256, content)
        folder = self.media_root / "posters" / str(video.video_id)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{sha256}.jpg").write_bytes(b"in the folder" if self.bucket else content)
        return await self.publish(
            video.model_copy(update={"poster_sha256": sha256, "version": video.version + 1})
        )

    async def emitted(self) -> list[str]:
        """The types of the events in the outbox, oldest first."""
        async with self.database.read() as connection:
            rows = await connection.fetch("SELECT type FROM outbox ORDER BY seq")
        return [row["type"] for row in rows]
