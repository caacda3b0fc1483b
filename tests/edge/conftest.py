"""Fixtures only."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from newsreel_testing.databases import Databases
from newsreel_testing.delivery_service import Delivery, FilledBucket
from newsreel_testing.edges import Edge, edge_of, serving
from newsreel_testing.portal import Portal, open_portal
from newsreel_testing.portal_services import Services, open_services
from newsreel_testing.s3_server import S3Server


@pytest.fixture(scope="session")
async def services(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Services]:
    """Identity, catalog and delivery."""
    async with open_services(databases, tmp_path_factory.mktemp("media")) as opened:
        yield opened


@pytest.fixture
async def portal(services: Services) -> AsyncIterator[Portal]:
    """The portal, with a browser that has been nowhere yet."""
    async with open_portal(services) as opened:
        yield opened


@pytest.fixture(scope="session")
def bucket(s3: S3Server) -> FilledBucket:
    """A bucket for this run."""
    return FilledBucket.of(s3, "edge")


@pytest.fixture(params=["folder", "bucket"])
def delivery(request: pytest.FixtureRequest, services: Services) -> Iterator[Delivery]:
    """Delivery, its files in either place."""
    if request.param == "bucket":
        services.delivery.bucket = request.getfixturevalue("bucket")
    yield services.delivery
    services.delivery.bucket = None


@pytest.fixture(params=["caddy", "nginx"])
async def edge(
    request: pytest.FixtureRequest, portal: Portal, delivery: Delivery, tmp_path: Path
) -> AsyncIterator[Edge]:
    """Each of the edges, before the real portal and the real delivery."""
    async with (
        serving(portal.app) as pages,
        serving(delivery.app) as files,
        edge_of(
            request.param,
            tmp_path,
            delivery.media_root,
            pages,
            files,
            bucket=delivery.bucket.server.endpoint if delivery.bucket else "",
        ) as opened,
    ):
        yield opened


@pytest.fixture
async def client(edge: Edge) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the edge that follows no redirect."""
    async with httpx.AsyncClient(base_url=edge.origin) as opened:
        yield opened
