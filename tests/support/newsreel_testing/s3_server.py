"""A real S3 server: SeaweedFS from its wheel, on loopback, with nothing else than S3 to talk to."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pydantic import SecretStr

from newsreel_local.ports import free_ports
from newsreel_local.process import Command, Process, inherited
from newsreel_runtime.settings import Bucket

_DEADLINE = 60.0
_PORTS = (
    "master",
    "volume",
    "filer",
    "master.port.grpc",
    "volume.port.grpc",
    "filer.port.grpc",
    "s3.port.grpc",
)
WRITER, READER = ("newsreel", "newsreel-secret"), ("reader", "reader-secret")


@dataclass(frozen=True)
class S3Server:
    """One that takes objects."""

    endpoint: str
    log: Path

    def bucket(self, name: str, key: tuple[str, str] = WRITER) -> Bucket:
        """The settings of a bucket of this server."""
        access_key, secret = key
        return Bucket(name=name, endpoint=self.endpoint, access_key=access_key, secret=SecretStr(secret))

    def client(self) -> Any:
        """A client of its own, to look from outside."""
        access_key, secret = WRITER
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=access_key,
            aws_secret_access_key=secret,
            config=Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
        )

    def make_bucket(self, name: str) -> None:
        self.client().create_bucket(Bucket=name)


@asynccontextmanager
async def s3_server(folder: Path) -> AsyncIterator[S3Server]:
    """SeaweedFS with its files in `folder`, from its first put on."""
    program = Path(sys.executable).parent / "weed"
    if not program.exists():
        pytest.skip("SeaweedFS has no wheel for this machine")
    users = folder / "users.json"
    users.write_text(json.dumps({"identities": [_user(*WRITER, "Admin"), _user(*READER, "Read", "List")]}))
    port, admin, admin_grpc, *others = free_ports(3 + len(_PORTS))
    flags = [
        f"-{name if '.' in name else f'{name}.port'}={n}" for name, n in zip(_PORTS, others, strict=True)
    ]
    argv = [
        str(program),
        "-logtostderr=true",
        "mini",
        f"-dir={folder / 'data'}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        f"-s3.port={port}",
        f"-s3.config={users}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-master.telemetry=false",
        "-webdav=false",
        "-admin.ui=false",
        f"-admin.port={admin}",
        f"-admin.port.grpc={admin_grpc}",
        *flags,
    ]
    (folder / "data").mkdir()
    limits = {"GOMEMLIMIT": "300MiB", "TMPDIR": str(folder), "HOME": str(folder)}
    server = S3Server(f"http://127.0.0.1:{port}", folder / "weed.log")
    process = await Process.start(Command(argv, log=server.log, environment=inherited(limits), grace=1.0))
    try:
        async with asyncio.timeout(_DEADLINE):
            while not await asyncio.to_thread(_takes, server):  # noqa: ASYNC110 (it tells nobody)
                await asyncio.sleep(0.1)
        yield server
    finally:
        await process.stop()


def _user(access_key: str, secret: str, *actions: str) -> dict[str, Any]:
    credentials = [{"accessKey": access_key, "secretKey": secret}]
    return {"name": access_key, "credentials": credentials, "actions": list(actions)}


def _takes(server: S3Server) -> bool:
    """It listens before it takes anything."""
    try:
        client = server.client()
        client.create_bucket(Bucket="first")
        client.put_object(Bucket="first", Key="first", Body=b"first")
    except (BotoCoreError, ClientError) as error:
        return isinstance(error, ClientError) and error.response["Error"]["Code"] == "BucketAlreadyExists"
    return True
